import {
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLOutputType,
  type GraphQLSchema,
  getNamedType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
  isRequiredArgument,
  isRequiredInputField,
} from 'graphql'
import type { OperationGateway } from '../operations/operationGateway'

type Field = GraphQLField<unknown, unknown>

type Graph = Pick<OperationGateway, 'apiSchema' | 'isPrediction'>

/**
 * A query for the first field that `Query` leads to and `isWanted` names, with a few plain fields around it: the one with
 * the fewest required arguments, then the nearest. Required arguments get example values, scalars that nobody but their
 * owner knows `unknown`. Undefined if there is no such field, or none without such scalars.
 */
export function exampleQuery(
  { apiSchema, isPrediction }: Graph,
  isWanted: Graph['isPrediction'] = isPrediction,
  unknown?: string,
): string | undefined {
  const path = findField(apiSchema, isWanted, unknown)
  return path && `query Prediction ${written(path, isPrediction, '', unknown)}\n`
}

/** A field, with the type that has it, and what stands before it. */
interface Step {
  readonly owner: string
  readonly siblings: readonly Field[]
  readonly field: Field
  readonly before: Step | undefined
}

function findField(
  schema: GraphQLSchema,
  isWanted: Graph['isPrediction'],
  unknown: string | undefined,
): readonly Step[] | undefined {
  const root = schema.getQueryType()
  if (root == null) return undefined
  const seen = new Set<string>()
  // By the number of required arguments on the way; each list is walked in breadth, so the nearest comes first.
  const waiting: Step[][] = [[]]
  const add = (type: GraphQLOutputType, before: Step | undefined, count: number) => {
    const owner = getNamedType(type)
    if (!isObjectType(owner) && !isInterfaceType(owner)) return
    if (seen.has(owner.name)) return
    seen.add(owner.name)
    const fields = Object.values(owner.getFields())
    for (const field of fields) {
      const required = field.args.filter(isRequiredArgument)
      if (required.some(({ type }) => exampleOf(type, unknown) === undefined)) continue
      const level = count + required.length
      waiting[level] ??= []
      waiting[level].push({ owner: owner.name, siblings: fields, field, before })
    }
  }
  add(root, undefined, 0)
  for (let count = 0; count < waiting.length; count++) {
    const steps = waiting[count] ?? []
    for (let at = 0; at < steps.length; at++) {
      const step = steps[at]
      const { owner, field } = step
      if (isWanted(owner, field.name) && canBeSelected(field.type)) return pathTo(step)
      add(field.type, step, count)
    }
  }
  return undefined
}

function pathTo(last: Step): readonly Step[] {
  const path: Step[] = []
  for (let step: Step | undefined = last; step !== undefined; step = step.before) path.unshift(step)
  return path
}

function canBeSelected(type: GraphQLOutputType): boolean {
  return isLeafType(getNamedType(type)) || plainFields(type).length > 0
}

/** Fields of the type that can be asked for by their names alone. */
function plainFields(type: GraphQLOutputType): readonly Field[] {
  const named = getNamedType(type)
  if (!isObjectType(named) && !isInterfaceType(named)) return []
  return Object.values(named.getFields()).filter(isPlain)
}

/** Plain, and no list. */
function isShort(field: Field): boolean {
  return isPlain(field) && isLeafType(isNonNullType(field.type) ? field.type.ofType : field.type)
}

function isPlain({ type, args }: Field): boolean {
  return isLeafType(getNamedType(type)) && !args.some(isRequiredArgument)
}

function written(
  [step, ...rest]: readonly Step[],
  isPrediction: Graph['isPrediction'],
  indent: string,
  unknown: string | undefined,
): string {
  const { owner, siblings, field } = step
  const inner = `${indent}  `
  // What a list is of is seen by its first fields; on Query they say nothing about the prediction.
  const beside = indent === '' ? [] : siblings.filter((one) => isShort(one) && !isPrediction(owner, one.name))
  const lines = beside
    .filter((one) => one !== field)
    .slice(0, besideCount)
    .map(({ name }) => name)
  const call = `${field.name}${argumentsOf(field, unknown)}`
  if (rest.length > 0) lines.push(`${call} ${written(rest, isPrediction, inner, unknown)}`)
  else if (isLeafType(getNamedType(field.type))) lines.push(call)
  else {
    const outputs = plainFields(field.type).map(({ name }) => `${inner}  ${name}\n`)
    lines.push(`${call} {\n${outputs.join('')}${inner}}`)
  }
  return `{\n${lines.map((line) => `${inner}${line}\n`).join('')}${indent}}`
}

const besideCount = 3

function argumentsOf({ type, args }: Field, unknown: string | undefined): string {
  const given = args.flatMap((argument) => {
    const value = isRequiredArgument(argument)
      ? exampleOf(argument.type, unknown)
      : limitsList(type, argument)
        ? '3'
        : undefined
    return value === undefined ? [] : [`${argument.name}: ${value}`]
  })
  return given.length === 0 ? '' : `(${given.join(', ')})`
}

function limitsList(type: GraphQLOutputType, { name, type: argumentType }: GraphQLArgument): boolean {
  const isList = isListType(isNonNullType(type) ? type.ofType : type)
  return isList && ['first', 'limit', 'count'].includes(name) && getNamedType(argumentType).name === 'Int'
}

/** As GraphQL. */
function exampleOf(type: GraphQLInputType, unknown: string | undefined, depth = 0): string | undefined {
  if (isNonNullType(type)) return exampleOf(type.ofType, unknown, depth)
  if (isListType(type)) {
    const item = exampleOf(type.ofType, unknown, depth)
    return item && `[${item}]`
  }
  if (isEnumType(type)) return type.getValues()[0].name
  if (!isInputObjectType(type)) return examples.get(type.name) ?? unknown
  if (depth > 3) return undefined
  const fields = Object.values(type.getFields()).filter(
    (field) => isRequiredInputField(field) || type.isOneOf,
  )
  const entries = (type.isOneOf ? fields.slice(0, 1) : fields).map((field) => {
    const value = exampleOf(field.type, unknown, depth + 1)
    return value && `${field.name}: ${value}`
  })
  return entries.includes(undefined) ? undefined : `{ ${entries.join(', ')} }`
}

const examples: ReadonlyMap<string, string> = new Map([
  ['ID', '"1"'],
  ['Int', '1'],
  ['Float', '1'],
  ['String', '"example"'],
  ['Boolean', 'true'],
])
