import {
  type DocumentNode,
  type FieldNode,
  type GraphQLError,
  type GraphQLSchema,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql'
import type { FoundErrors } from '../../lib/execution/sharedError'
import type { ColumnExecutor, EntityFetch } from '../../lib/execution/subgraphExecutor'
import type { ClientRequest } from '../../lib/request/clientRequest'
import { compileVariables } from '../operations/compileVariables'
import type { ColumnUse } from './columnUse'
import { contextOf, selectedFields } from './compileSelection'
import type { OperationContext } from './fieldUse'
import { LocalRun } from './localRun'

/** A fetch of a subgraph in this process, by columns. */
export interface LocalColumns extends ColumnExecutor {
  /** The response keys that it writes. */
  readonly keys: readonly string[]
  fill(...asked: Parameters<ColumnExecutor['fill']>): Promise<FoundErrors<GraphQLError>>
}

/**
 * Compiles a fetch that asks only for prediction fields that can read the entities as they are sent. Such a fetch
 * builds neither representations nor objects of an answer. Undefined for other fetches.
 */
export function compileColumns(
  schema: GraphQLSchema,
  fetch: EntityFetch,
  contextValue: (request: ClientRequest) => unknown,
): LocalColumns | undefined {
  const context = contextOf(schema, fetch.operation.document)
  const columns = context && compileFields(context, fetch)
  if (context === undefined || columns === undefined) return undefined
  const coerce = compileVariables(schema, withoutRepresentations(context.operation))
  return {
    keys: columns.map(({ use }) => use.key),
    isReady: true,
    async fill(entities, given, request, work) {
      const { coerced, errors } = coerce(given)
      if (coerced === undefined) return { errors, shared: [] }
      const run = new LocalRun(coerced, contextValue(request), work)
      const list = { prev: undefined, key: fetch.entitiesKey, typename: 'Query' }
      const pathOf = (row: number) => ({ prev: list, key: row, typename: undefined })
      const rows = { parents: entities, targets: entities, areItems: true, pathOf } as const
      for (const column of columns) run.alsoWaitFor(column.answer(rows, run))
      run.endWalk()
      await run.settle()
      return run
    },
  }
}

/** The fields of the fetch; undefined if one of them needs more than the given entities. */
function compileFields(
  context: OperationContext,
  { entitiesKey, type: name, sent }: EntityFetch,
): readonly ColumnUse[] | undefined {
  const type = context.schema.getType(name)
  const selectionSet = entitySelection(context.operation, entitiesKey)
  if (!isObjectType(type) || type.isTypeOf || selectionSet === undefined) return undefined
  const asked: ColumnUse[] = []
  for (const { name, column } of selectedFields(type, [selectionSet], context)) {
    if (name === '__typename') continue
    if (column === undefined || !column.column.takesReferences) return undefined
    if (!column.column.parentFields.every((field) => sent.has(field))) return undefined
    asked.push(column)
  }
  return asked
}

/** The response key of the one field of an operation; undefined if it has other selections. */
export function entitiesKeyOf({ definitions }: DocumentNode): string | undefined {
  const [operation, ...others] = definitions
  if (others.length > 0 || operation?.kind !== Kind.OPERATION_DEFINITION) return undefined
  const [only, ...further] = operation.selectionSet.selections
  if (further.length > 0 || only.kind !== Kind.FIELD || only.name.value !== '_entities') return undefined
  return (only.alias ?? only.name).value
}

/** The selection on the entities; undefined if the operation asks for anything else. */
function entitySelection(
  { selectionSet }: OperationDefinitionNode,
  entitiesKey: string,
): SelectionSetNode | undefined {
  const [only, ...others] = selectionSet.selections as readonly FieldNode[]
  if (others.length > 0 || only?.kind !== Kind.FIELD || (only.directives ?? []).length > 0) return undefined
  return (only.alias ?? only.name).value === entitiesKey ? only.selectionSet : undefined
}

function withoutRepresentations(operation: OperationDefinitionNode): OperationDefinitionNode {
  const [entities] = operation.selectionSet.selections as readonly FieldNode[]
  const representations = entities.arguments?.find(({ name }) => name.value === 'representations')?.value
  return {
    ...operation,
    variableDefinitions: operation.variableDefinitions?.filter(
      ({ variable }) =>
        representations?.kind !== Kind.VARIABLE || variable.name.value !== representations.name.value,
    ),
  }
}
