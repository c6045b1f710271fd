import { type ExecutionResult, GraphQLError, print } from 'graphql'
import type { NormalVariable } from '../../federation/operations/normalOperation'
import { documentOf, type EntitiesNode, type FetchNode } from '../../federation/queryPlan'
import type { Supergraph } from '../../federation/supergraph/readSupergraph'
import { PresageError } from '../../lib/errors'
import type { FoundErrors } from '../../lib/execution/sharedError'
import type { SubgraphExecutor, SubgraphOperation } from '../../lib/execution/subgraphExecutor'
import { type ClientRequest, explainedIn } from '../../lib/request/clientRequest'
import { Explain } from '../../lib/request/explain'
import { type ColumnList, ColumnResult } from '../graphql/columnList'
import { locatedError, type SubgraphError } from '../graphql/locatedError'
import { isResponseObject, type ResponseObject } from '../graphql/responseData'
import { clientGone, deadlineExceeded, upstreamFailed, upstreamRefused } from '../graphql/upstreamErrors'
import { errorsOf } from '../local/localExecutor'
import { sentVariables, withLiterals } from '../operations/literalsInDocument'
import { expired, type PlanRun, pick, type Step, type Variables } from '../run/planRun'
import { rootFields } from './fetchedFields'

/** What the plan of one operation is compiled with. */
export interface PlanContext {
  readonly executors: ReadonlyMap<string, SubgraphExecutor>
  readonly supergraph: Supergraph
  /** The operation's variables. */
  readonly variables: readonly NormalVariable[]
}

/** The part of a fetch that is the same for all requests. */
export interface SubgraphCall {
  readonly subgraph: string
  readonly executor: SubgraphExecutor
  readonly operation: SubgraphOperation
  /** The variables of the planned operation that it uses. */
  readonly variableNames: readonly string[]
}

/** Either `data`, perhaps with errors, or a `list` that is all of the data, or a `failure` of the whole call. */
export interface SubgraphAnswer extends FoundErrors<SubgraphError> {
  readonly list?: ColumnList
  readonly data: ResponseObject | undefined
  readonly failure: PresageError | undefined
  /** The explanations of its predictions, with its own paths, if the client asked for them. */
  readonly part?: Explain
}

export function compileSubgraphCall(
  node: FetchNode | EntitiesNode,
  { executors, variables }: PlanContext,
): SubgraphCall {
  const executor = executors.get(node.serviceName)
  if (executor === undefined) throw new Error(`Bug: no executor of subgraph ${node.serviceName}`)
  const kind = node.kind === 'Fetch' ? node.operationKind : 'query'
  const planned = documentOf(node)
  const used = variables.filter(({ name }) => node.variableUsages.includes(name))
  const document = withLiterals(planned, used)
  const text = document === planned ? node.operation : print(document)
  return {
    subgraph: node.serviceName,
    executor,
    operation: { kind, text, document },
    variableNames: document === planned ? used.map(({ name }) => name) : sentVariables(document, variables),
  }
}

/** Compiles a fetch of fields of the root. */
export function compileRootFetch(node: FetchNode, context: PlanContext): Step {
  const call = compileSubgraphCall(node, context)
  const keys = rootFields(call.operation.document).map(({ responseKey }) => responseKey)
  const take = ({ failure, list, data, errors, shared, part }: SubgraphAnswer, run: PlanRun) => {
    if (part !== undefined) run.request.explain?.addPart(part, (path) => [path])
    if (list !== undefined) {
      run.takeList(list)
      return
    }
    if (failure !== undefined) {
      for (const key of keys) run.fail(run.data, key, [], failure)
      return
    }
    const located = errors.map((error) => locatedError(error, error.path))
    run.take(keys, data, located, shared)
  }
  return (run) =>
    callSubgraph(call, pick(call.variableNames, run.variables), run).then((answer) => take(answer, run))
}

/**
 * The request to hand to an executor. Explanations of one call are collected in a `part` of its own, because they have
 * its paths.
 */
export function explainedCall(request: ClientRequest): { request: ClientRequest; part: Explain | undefined } {
  if (request.explain === undefined) return { request, part: undefined }
  const part = new Explain()
  return { request: explainedIn(request, part), part }
}

/** Calls the subgraph, and waits no longer than the request's deadline. Never rejects. */
export function callSubgraph(
  call: SubgraphCall,
  variables: Variables,
  run: PlanRun,
): Promise<SubgraphAnswer> {
  const { request, part } = explainedCall(run.request)
  const answer = answerInTime(call, variables, run, request)
  return part === undefined ? answer : answer.then((known) => ({ ...known, part }))
}

function answerInTime(
  call: SubgraphCall,
  variables: Variables,
  run: PlanRun,
  request: ClientRequest,
): Promise<SubgraphAnswer> {
  if (run.request.isAborted) return Promise.resolve(failed(clientGone()))
  if (run.isExpired) return Promise.resolve(failed(deadlineExceeded(call.subgraph)))
  const failedWith = (error: unknown) =>
    failed(error instanceof PresageError ? error : upstreamFailed(call.subgraph, error))
  try {
    return run.inTime(call.executor.execute(call.operation, variables, request, run)).then((result) => {
      try {
        if (result === expired) return failed(deadlineExceeded(call.subgraph))
        request.explain?.addRows(result?.extensions?.['presage'])
        return readAnswer(call.subgraph, result)
      } catch (error) {
        return failedWith(error)
      }
    }, failedWith)
  } catch (error) {
    return Promise.resolve(failedWith(error))
  }
}

function readAnswer(subgraph: string, result: ExecutionResult): SubgraphAnswer {
  if (result instanceof ColumnResult)
    return { list: result.list, data: undefined, errors: [], shared: [], failure: undefined }
  const { errors, shared } = errorsOf(result ?? {})
  if (isResponseObject(result?.data)) return { data: result.data, errors, shared, failure: undefined }
  // The data is null because a non-null field failed: the errors say where.
  if (shared.length > 0 || errors.some((error) => error.path !== undefined && error.path.length > 0)) {
    return { data: undefined, errors, shared, failure: undefined }
  }
  const [first] = errors
  // A subgraph elsewhere sends plain JSON, which has neither a stack nor a cause that could be logged.
  if (first !== undefined && !(first instanceof GraphQLError)) return failed(upstreamRefused(subgraph, first))
  const original = first?.originalError
  return failed(original instanceof PresageError ? original : upstreamFailed(subgraph, original ?? first))
}

function failed(failure: PresageError): SubgraphAnswer {
  return { data: undefined, errors: [], shared: [], failure }
}
