import {
  type ASTNode,
  type DocumentNode,
  GraphQLError,
  type GraphQLSchema,
  TypeInfo,
  ValidationContext,
  type ValidationRule,
  visit,
  visitInParallel,
  visitWithTypeInfo,
} from 'graphql'
import { loopTurn } from '../../lib/scheduling/loopTurn'
import { startWork } from '../../lib/scheduling/workTime'
import { DocumentVisit } from '../graphql/documentVisit'
import { lightError } from '../graphql/lightError'

/** Told how many milliseconds a part has taken. */
export type Worked = (ms: number) => void

/** Finds the errors that `validate` of graphql-js finds, in parts of turns of the event loop. */
export async function validateInParts(
  schema: GraphQLSchema,
  document: DocumentNode,
  rules: readonly ValidationRule[],
  client: string,
  worked: Worked = () => {},
): Promise<readonly GraphQLError[]> {
  const errors: GraphQLError[] = []
  const typeInfo = new TypeInfo(schema)
  const context = new ValidationContext(schema, document, typeInfo, (error) => {
    if (errors.length === mostErrors) throw tooMany
    errors.push(error)
  })
  const visitor = visitInParallel(rules.map((rule) => rule(context)))
  const walk = new DocumentVisit(document, visitWithTypeInfo(typeInfo, visitor))
  try {
    await inParts(() => walk.step(), stepsPerLook, client, worked)
  } catch (error) {
    // A rule that compares too much throws an error for clients.
    if (!(error instanceof GraphQLError)) throw error
    errors.push(error)
  }
  return errors
}

/** The same errors at the nodes of `located`, which is the same document with places in its text. */
export async function locateInParts(
  errors: readonly GraphQLError[],
  document: DocumentNode,
  located: DocumentNode,
  client: string,
  worked: Worked,
): Promise<readonly GraphQLError[]> {
  const placed: GraphQLError[] = []
  let placeOf: ReadonlyMap<ASTNode, ASTNode> | undefined
  const step = () => {
    placeOf ??= sameNodes(document, located)
    const { message, nodes = [], originalError, extensions } = errors[placed.length]
    const own = nodes.slice(0, mostPlaces).flatMap((node) => placeOf!.get(node) ?? [])
    placed.push(lightError(message, { nodes: own, originalError, extensions }))
    return placed.length < errors.length
  }
  await inParts(step, 1, client, worked)
  return placed
}

function sameNodes(document: DocumentNode, located: DocumentNode): ReadonlyMap<ASTNode, ASTNode> {
  const all = allNodes(located)
  return new Map(allNodes(document).map((node, at) => [node, all[at]]))
}

function allNodes(document: DocumentNode): readonly ASTNode[] {
  const nodes: ASTNode[] = []
  visit(document, {
    enter(node) {
      nodes.push(node)
    },
  })
  return nodes
}

/** Calls `step` until it returns false. */
async function inParts(step: () => boolean, perLook: number, client: string, worked: Worked): Promise<void> {
  for (let parts = 0; ; parts++) {
    await new Promise<void>((resolve) => loopTurn.later(client, resolve, parts))
    const beganAt = performance.now()
    const workMs = startWork()
    try {
      do {
        for (let steps = 0; steps < perLook; steps++) if (!step()) return
      } while (!loopTurn.isOver(beganAt))
    } finally {
      worked(workMs())
    }
  }
}

/** To look at the clock takes as long as a step of a validation. */
const stepsPerLook = 16

/** As many as graphql-js finds. */
const mostErrors = 100
const tooMany = new GraphQLError('Too many validation errors, error limit reached. Validation aborted.')
/** Of one error. A cycle of fragments has as many as fragments, and each error of it as many again. */
const mostPlaces = 100
