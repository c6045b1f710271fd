import { type DocumentNode, type GraphQLSchema, Kind } from 'graphql'
import { type ValidOperation, valid } from '../generate/generate'
import { apply, editsOf } from './edits'
import { declaredValues, tidy } from './tidy'
import { writeDocument } from './writeDocument'

/** Operations that fail when they are asked one after the other, and the faults that they meet. */
export interface Failing {
  readonly operations: readonly ValidOperation[]
  readonly faultSeed: number
}

const maxTries = 800

/** The smallest operations found that still fail, with the same steps done to all of them. */
export async function shrink(
  schema: GraphQLSchema,
  failing: Failing,
  fails: (candidate: Failing) => Promise<boolean>,
): Promise<Failing> {
  let best = failing
  let tries = 0
  const attempt = async (candidate: Failing | undefined): Promise<boolean> => {
    if (candidate === undefined || tries >= maxTries) return false
    tries++
    if (!(await fails(candidate))) return false
    best = candidate
    return true
  }
  await attempt({ ...best, faultSeed: 0 })
  for (const operation of best.operations.length > 1 ? best.operations : []) {
    if (await attempt({ ...best, operations: [operation] })) break
  }
  for (let isSmaller = true; isSmaller && tries < maxTries; ) {
    isSmaller = false
    let edits = editsOf(best.operations[0].document)
    for (let i = 0; i < edits.length; i++) {
      if (!(await attempt(edited(schema, best, (document) => apply(document, edits[i]))))) continue
      isSmaller = true
      // What stands before this place has been tried; what stands here now has not.
      edits = editsOf(best.operations[0].document)
      i--
    }
    for (const name of Object.keys(best.operations[0].variables)) {
      if (await attempt(withoutVariable(schema, best, name))) isSmaller = true
    }
  }
  return best
}

function edited(
  schema: GraphQLSchema,
  { operations, faultSeed }: Failing,
  edit: (document: DocumentNode) => DocumentNode | undefined,
): Failing | undefined {
  const smaller: ValidOperation[] = []
  for (const { document, variables, operationName } of operations) {
    const changed = edit(document)
    if (changed === undefined) return undefined
    const tidied = tidy(changed)
    const names = tidied.definitions.flatMap((it) =>
      it.kind === Kind.OPERATION_DEFINITION ? [it.name?.value] : [],
    )
    const operation = valid(schema, {
      text: writeDocument(tidied),
      variables: declaredValues(tidied, variables),
      operationName: names.length === 1 && names[0] === undefined ? undefined : operationName,
    })
    if (operation === undefined) return undefined
    smaller.push(operation)
  }
  if (smaller.every(({ text }, i) => text === operations[i].text)) return undefined
  return { operations: smaller, faultSeed }
}

function withoutVariable(
  schema: GraphQLSchema,
  { operations, faultSeed }: Failing,
  name: string,
): Failing | undefined {
  const smaller = operations.flatMap((operation) => {
    const { [name]: _, ...variables } = operation.variables
    return valid(schema, { ...operation, variables }) ?? []
  })
  return { operations: smaller, faultSeed }
}
