import {
  type DocumentNode,
  type ExecutionResult,
  execute,
  type FieldNode,
  GraphQLError,
  type GraphQLSchema,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql'
import { isPromise } from 'graphql/jsutils/isPromise'
import { type AnswerWork, unboundedWork } from '../../lib/execution/answerWork'
import type { FoundErrors } from '../../lib/execution/sharedError'
import type { ColumnExecutor, EntityFetch, SubgraphExecutor } from '../../lib/execution/subgraphExecutor'
import { memoizedWeakly } from '../../lib/memoized'
import type { ClientRequest } from '../../lib/request/clientRequest'
import { locatedPresageError, singleErrors } from '../graphql/locatedError'
import type { ResponseObject } from '../graphql/responseData'
import { clientGone } from '../graphql/upstreamErrors'
import { compileVariables } from '../operations/inputCoercion'
import type { Variables } from '../run/planRun'
import { compileSelection, contextOf, selectedFields } from './compileSelection'
import type { ColumnUse, Complete, OperationContext } from './fieldUse'
import { LocalRun } from './localRun'

/**
 * Runs the operations of a subgraph in this process: without HTTP, parsing or validation, since the planner made the
 * operation from the subgraph's own schema. Operations are compiled on first use, and their prediction fields are
 * resolved for all rows at once. graphql-js runs those that cannot be compiled. `contextValue` makes the resolvers'
 * context; by default it holds the request.
 */
export function createLocalExecutor(
  name: string,
  schema: GraphQLSchema,
  contextValue: (request: ClientRequest) => unknown = requestAlone,
): SubgraphExecutor {
  const compiled = memoizedWeakly(
    (document: DocumentNode): LocalOperation =>
      compileLocalOperation(schema, document) ??
      (async (variableValues, contextValue) => execute({ schema, document, variableValues, contextValue })),
  )

  function failed(error: unknown): ExecutionResult {
    const cause = error instanceof Error ? error : new Error(String(error))
    return { errors: [new GraphQLError(`subgraph ${name}: ${cause.message}`, { originalError: cause })] }
  }

  return {
    columns: (fetch) => compileColumns(schema, fetch, contextValue),
    execute(operation, variables, request, work): Promise<ExecutionResult> {
      if (request.isAborted)
        return Promise.resolve({ errors: [locatedPresageError(clientGone(), undefined)] })
      try {
        return compiled(operation.document)(variables, contextValue(request), work).then(undefined, failed)
      } catch (error) {
        return Promise.resolve(failed(error))
      }
    },
  }
}

function requestAlone(request: ClientRequest): { readonly request: ClientRequest } {
  return { request }
}

/**
 * An operation of one subgraph, compiled once and run with any variables. Never rejects because of resolvers. May never
 * resolve once the work is over.
 */
export type LocalOperation = (
  variables: Variables,
  contextValue: unknown,
  work?: AnswerWork,
) => Promise<ExecutionResult>

/** Compiles a valid document with one operation. Undefined if graphql-js has to run it, as for `contextOf`. */
export function compileLocalOperation(
  schema: GraphQLSchema,
  document: DocumentNode,
): LocalOperation | undefined {
  const context = contextOf(schema, document)
  if (context === undefined) return undefined
  const { operation } = context
  const root = schema.getRootType(operation.operation)!
  const complete = compileSelection(root, [operation.selectionSet], context, () => undefined)
  const coerce = compileVariables(schema, operation)
  return (variables, contextValue, work = unboundedWork) => {
    const { coerced, errors } = coerce(variables)
    if (coerced === undefined) return Promise.resolve({ errors })
    return runFields(complete, new LocalRun(coerced, contextValue, work))
  }
}

function runFields(complete: Complete, run: LocalRun): Promise<ExecutionResult> {
  let executed: unknown = null
  try {
    executed = complete(undefined, undefined, '', run)
    run.endWalk()
  } catch (error) {
    run.addError(error as GraphQLError, undefined)
    executed = null
  }
  if (isPromise(executed)) return settleLater(executed, run)
  const data = executed as ResponseObject | null
  const settled = run.settle()
  return settled === undefined
    ? Promise.resolve(localResult(data, run))
    : settled.then(() => localResult(data, run))
}

async function settleLater(executed: PromiseLike<unknown>, run: LocalRun): Promise<ExecutionResult> {
  let data: ResponseObject | null = null
  try {
    data = (await executed) as ResponseObject
  } catch (error) {
    run.addError(error as GraphQLError, undefined)
  }
  await run.settle()
  return localResult(data, run)
}

const found = Symbol('errors of a local result')

/** The result of an operation. Shared errors are split into single ones only if `errors` is read. */
export function localResult(
  data: ResponseObject | null,
  { errors, shared }: FoundErrors<GraphQLError>,
): ExecutionResult {
  if (shared.length === 0) return errors.length === 0 ? { data } : { data, errors }
  let all: readonly GraphQLError[] | undefined
  const result: ExecutionResult = {
    data,
    get errors() {
      all ??= [...errors, ...shared.flatMap(singleErrors)]
      return all
    },
  }
  return Object.defineProperty(result, found, { value: { errors, shared } })
}

/** The errors of any executor's result. Results of `localResult` keep shared errors together. */
export function errorsOf(result: ExecutionResult): FoundErrors<GraphQLError> {
  const own = (result as { readonly [found]?: FoundErrors<GraphQLError> })[found]
  return own ?? { errors: result.errors ?? [], shared: [] }
}

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
  contextValue: (request: ClientRequest) => unknown = requestAlone,
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
