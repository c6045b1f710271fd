import {
  type FieldNode,
  type GraphQLSchema,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql'
import type { ColumnExecutor, EntityFetch } from '../../lib/execution/subgraphExecutor'
import type { ClientRequest } from '../../lib/request/clientRequest'
import { compileVariables } from '../operations/compileVariables'
import type { ColumnUse } from './columnUse'
import { contextOf } from './compileLocalOperation'
import { selectedFields } from './compileSelection'
import type { OperationContext } from './fieldUse'
import { LocalRun } from './localRun'
import { addPath } from './responsePath'

/**
 * Compiles a fetch that asks only for prediction fields that can read the entities as they are sent. Such a fetch
 * builds neither representations nor objects of an answer. Undefined for other fetches.
 */
export function compileColumns(
  schema: GraphQLSchema,
  fetch: EntityFetch,
  contextValue: (request: ClientRequest) => unknown,
): ColumnExecutor | undefined {
  const context = contextOf(schema, fetch.operation.document)
  const columns = context && compileFields(context, fetch)
  if (context === undefined || columns === undefined) return undefined
  const coerce = compileVariables(schema, withoutRepresentations(context.operation))
  return {
    async fill(entities, given, request, work) {
      const { coerced, errors } = coerce(given)
      if (coerced === undefined) return { errors, shared: [] }
      const run = new LocalRun(coerced, contextValue(request), work)
      const list = addPath(undefined, fetch.entitiesKey, 'Query')
      const pathOf = (row: number) => addPath(list, row, undefined)
      for (const column of columns) run.ask(column, { parents: entities, targets: entities, pathOf })
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
