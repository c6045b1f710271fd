import {
  type FieldNode,
  type GraphQLSchema,
  isTypeSubTypeOf,
  Kind,
  type OperationDefinitionNode,
  parseType,
  parseValue,
  print,
  typeFromAST,
  type ValueNode,
  type VariableDefinitionNode,
} from 'graphql'
import type { NormalOperation } from '../operations/normalOperation'
import { documentOf, type EntitiesNode, type Fetch, type FetchNode } from '../queryPlan'
import type { Supergraph } from '../supergraph/readSupergraph'
import type { Report } from './report'
import type { Visible } from './symbols'
import { invalidity } from './validSelections'

/** A fetch's operation, which is valid in its subgraph. */
export interface FetchDocument {
  readonly subgraph: string
  readonly schema: GraphQLSchema
  readonly operation: OperationDefinitionNode
}

/** A fetch that is being checked. */
export interface FetchCheck {
  readonly document: FetchDocument
  /** Its number. */
  readonly fetch: number
  /** Fetches whose answers have arrived when this one is sent. Others may run at the same time. */
  readonly visible: Visible
  readonly supergraph: Supergraph
  readonly report: Report
}

/** Stops the check if the document is invalid or depends on conditions. */
export function readDocument(
  fetch: FetchNode | EntitiesNode,
  operation: NormalOperation,
  supergraph: Supergraph,
  report: Report,
): FetchDocument {
  const { serviceName: subgraph } = fetch
  const operationKind = fetch.kind === 'Fetch' ? fetch.operationKind : 'query'
  const representations = fetch.kind === 'Fetch' ? [] : fetch.lists.map(({ variable }) => variable)
  const schema = schemaOf(subgraph, supergraph, report)
  const { definitions } = parseOrStop(fetch, report)
  const [only] = definitions
  if (definitions.length !== 1 || only.kind !== Kind.OPERATION_DEFINITION) {
    return report.stop(`A fetch has ${definitions.length} definitions, which must be one operation`)
  }
  const reason = invalidity(only, schema)
  if (reason !== undefined) {
    report.stop(`The operation for subgraph ${subgraph} is not valid there: ${reason}`)
  }
  if (only.operation !== operationKind) {
    report.stop(`A fetch is marked as a ${operationKind} but is a ${only.operation}`)
  }
  for (const variable of only.variableDefinitions ?? []) {
    checkVariable(variable, fetch, schema, representations, operation, report)
  }
  return { subgraph, schema, operation: only }
}

/** Arguments in a canonical form: sorted by name, printed as GraphQL prints them. */
export function printArguments({ arguments: args }: Pick<FieldNode, 'arguments'>): string {
  return joinArguments((args ?? []).map(({ name, value }) => [name.value, textOf(value)]))
}

export function joinArguments(args: readonly (readonly [name: string, value: string])[]): string {
  return args
    .map(([name, value]) => `${name}: ${value}`)
    .sort()
    .join(', ')
}

function schemaOf(subgraph: string, supergraph: Supergraph, report: Report): GraphQLSchema {
  const schema = supergraph.schema(subgraph)
  if (schema === undefined) return report.stop(`There is no subgraph ${subgraph}`)
  return schema
}

function parseOrStop(fetch: Fetch, report: Report) {
  try {
    return documentOf(fetch)
  } catch (error) {
    return report.stop(`A fetch is not valid GraphQL: ${String(error)}`)
  }
}

function checkVariable(
  { variable, type, defaultValue }: VariableDefinitionNode,
  fetch: Fetch,
  schema: GraphQLSchema,
  representations: readonly string[],
  operation: NormalOperation,
  report: Report,
): void {
  const name = variable.name.value
  const declared = print(type)
  if (representations.includes(name)) {
    if (declared !== '[_Any!]!') {
      report.add(`Variable $${name} holds representations and is declared as ${declared}`)
    }
    return
  }
  const known = operation.variables.find((one) => one.name === name)
  if (known === undefined) {
    report.add(`Variable $${name} of a fetch is not a variable of the operation`)
    return
  }
  if (known.type !== declared && !isSubType(known.type, declared, schema)) {
    report.add(`Variable $${name} is a ${known.type} in the operation and a ${declared} in a fetch`)
  }
  if (defaultValue !== undefined && !isSameValue(defaultValue, known.defaultValue)) {
    report.add(`Variable $${name} of a fetch has a default that the operation's variable does not have`)
  }
  if (!fetch.variableUsages.includes(name)) {
    report.add(`Variable $${name} is used by a fetch, but the plan does not pass it`)
  }
}

function isSameValue(value: ValueNode, text: string | undefined): boolean {
  return text !== undefined && print(value) === print(parseValue(text))
}

/** The same text as `print`, with a shortcut for variables, which nearly all arguments are. */
function textOf(value: ValueNode): string {
  return value.kind === Kind.VARIABLE ? `$${value.name.value}` : print(value)
}

/** Whether every value of the first type is one of the second. */
function isSubType(have: string, want: string, schema: GraphQLSchema): boolean {
  // graphql-js declares one overload per kind of type node, and none for their union.
  const [own, wanted] = [have, want].map((text) =>
    typeFromAST(schema, parseType(text) as Parameters<typeof typeFromAST>[1]),
  )
  return own !== undefined && wanted !== undefined && isTypeSubTypeOf(schema, own, wanted)
}
