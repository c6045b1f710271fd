import {
  type ExecutionResult,
  GraphQLError,
  type GraphQLOutputType,
  getNamedType,
  getNullableType,
  isCompositeType,
  isListType,
  type OperationTypeNode,
  print,
} from 'graphql'
import type { NormalVariable } from '../../federation/operations/normalOperation'
import { documentOf, type EntitiesNode, type FetchNode, type PlanNode } from '../../federation/queryPlan'
import type { Supergraph } from '../../federation/supergraph/readSupergraph'
import { PresageError } from '../../lib/errors'
import type { FoundErrors } from '../../lib/execution/sharedError'
import type { JsonColumns, SubgraphExecutor, SubgraphOperation } from '../../lib/execution/subgraphExecutor'
import { unreachable } from '../../lib/invariant'
import { type ClientRequest, explainedIn } from '../../lib/request/clientRequest'
import { Explain } from '../../lib/request/explain'
import { ColumnResult } from '../graphql/columnList'
import { isAbout, locatedError, type SubgraphError } from '../graphql/locatedError'
import { isResponseObject, type ResponseObject } from '../graphql/responseData'
import {
  clientGone,
  deadlineExceeded,
  upstreamFailed,
  upstreamMisshaped,
  upstreamRefused,
} from '../graphql/upstreamErrors'
import { errorsOf } from '../local/localExecutor'
import { sentVariables, withLiterals } from '../operations/literalsInDocument'
import { expired, type PlanRun, pick, type Step, type Variables } from '../run/planRun'
import {
  compileEntityColumns,
  compileEntitySource,
  type EntityColumns,
  type EntitySource,
} from './entitySource'
import { EntityTargets, type SubgraphAnswer } from './entityTargets'
import { type FetchedField, rootFields } from './fetchedFields'
import { RepresentationList } from './representations'

/**
 * Compiles a checked plan to a step, once: parses the subgraphs' documents, and turns paths and requirements into
 * closures.
 */
export function compilePlan(node: PlanNode, context: PlanContext): Step {
  const compile = (child: PlanNode): Step => compilePlan(child, context)
  switch (node.kind) {
    case 'Fetch':
      return compileRootFetch(node, context)
    case 'Entities':
      return compileEntityFetch(node, context)
    case 'Sequence':
      return inSequence(node.nodes.map(compile))
    case 'Parallel':
      return inParallel(node.nodes.map(compile))
    default:
      return unreachable(node)
  }
}

/** What the plan of one operation is compiled with. */
interface PlanContext {
  readonly executors: ReadonlyMap<string, SubgraphExecutor>
  readonly supergraph: Supergraph
  /** The operation's variables. */
  readonly variables: readonly NormalVariable[]
}

function inSequence(steps: readonly Step[]): Step {
  return async (run) => {
    for (const step of steps) {
      const pending = step(run)
      if (pending !== undefined) await pending
    }
  }
}

function inParallel(steps: readonly Step[]): Step {
  return async (run) => {
    await Promise.all(steps.map((step) => step(run)))
  }
}

/** Compiles a fetch of fields of the root. */
function compileRootFetch(node: FetchNode, context: PlanContext): Step {
  const call = compileSubgraphCall(node, context)
  const fields = rootFields(call.operation.document)
  const keys = fields.map(({ responseKey }) => responseKey)
  const shapes = rootShapes(fields, node, context.supergraph)
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
    if (data !== undefined) {
      for (const { key, isMet, expected } of shapes) {
        const value = data[key]
        if (isMet(value) || (value === undefined && errors.some((error) => isAbout(error, key)))) continue
        data[key] = null
        run.fail(run.data, key, [], upstreamMisshaped(call.subgraph, key, expected, value))
      }
    }
    const located = errors.map((error) => locatedError(error, error.path))
    run.take(keys, data, located, shared)
  }
  return (run) =>
    callSubgraph(call, pick(call.variableNames, run.variables), run).then((answer) => take(answer, run))
}

/** What the subgraph must answer at a key of the root. */
interface RootShape {
  readonly key: string
  readonly expected: string
  isMet(value: unknown): boolean
}

function rootShapes(
  fields: readonly FetchedField[],
  { serviceName, operationKind }: FetchNode,
  supergraph: Supergraph,
): readonly RootShape[] {
  const root =
    supergraph
      .schema(serviceName)
      ?.getRootType(operationKind as OperationTypeNode)
      ?.getFields() ?? {}
  return fields.flatMap(({ name, responseKey: key }) =>
    Object.hasOwn(root, name) ? { key, ...shapeOf(root[name].type) } : [],
  )
}

/** The shape of a list or an object; a scalar of the subgraph's own may be anything. */
function shapeOf(type: GraphQLOutputType): Omit<RootShape, 'key'> {
  if (isListType(getNullableType(type)))
    return { expected: 'a list', isMet: (value) => value === null || Array.isArray(value) }
  if (isCompositeType(getNamedType(type)))
    return { expected: 'an object', isMet: (value) => value === null || isResponseObject(value) }
  return { expected: 'there', isMet: (value) => value !== undefined }
}

/**
 * Compiles a fetch of entities: of one list, or of several in one request, each with its own paths and its own alias of
 * `_entities`.
 */
function compileEntityFetch(node: EntitiesNode, context: PlanContext): Step {
  const { supergraph } = context
  const call = compileSubgraphCall(node, context)
  const sources = node.lists.map((list) =>
    compileEntitySource(list, call.subgraph, call.operation.document, supergraph),
  )
  const columns =
    sources.length === 1 ? compileEntityColumns(call, node.lists[0], sources[0], supergraph) : undefined
  return async (run) => {
    // After a failure, each entity has to be checked for fields that must not be fetched.
    if (columns?.executor.isReady && !run.hasFailures) {
      if (await resolveInPlace(sources[0], columns, call, run)) return
    }
    const variables = pick(call.variableNames, run.variables)
    const lists = new Map<string, RepresentationList>()
    const targets = sources.map((source) => {
      const list = lists.get(source.variable) ?? new RepresentationList()
      lists.set(source.variable, list)
      return EntityTargets.gather(source, list, run)
    })
    let isEmpty = true
    for (const [variable, list] of lists) {
      // An empty list is still sent beside others: the operation declares a variable for each list.
      variables[variable] = list.items
      if (list.items.length > 0) isEmpty = false
    }
    if (isEmpty) return
    const answer = await callSubgraph(call, variables, run)
    for (const one of targets) one.accept(answer, run)
    addUnplaced(answer.errors, targets, run)
    const { part } = answer
    if (part !== undefined) for (const one of targets) one.acceptPart(part, run)
  }
}

/** Runs the fetch for all entities at its paths. Resolves with false, having done nothing, if it needs representations. */
async function resolveInPlace(
  source: EntitySource,
  columns: EntityColumns,
  call: SubgraphCall,
  run: PlanRun,
): Promise<boolean> {
  const gather = () => EntityTargets.gatherInPlace(source, columns.type, columns.keys, run)
  const list = listOf(columns, run)
  if (list !== undefined) {
    if (list.rows === 0) return true
    const outcome = await fill(columns, list, call, run)
    if (outcome !== undefined) return isWhole(outcome) || settle(gather(), outcome, run)
    if (!columns.executor.isReady) return false
  }
  const targets = gather()
  if (targets.entities.length === 0) return true
  const outcome = await fill(columns, targets.entities, call, run)
  return outcome !== undefined && settle(targets, outcome, run)
}

/** The entities, if they have come by columns and each of them can be found. */
function listOf({ type, listKey, keys, executor }: EntityColumns, run: PlanRun): JsonColumns | undefined {
  const { list } = run
  if (list === undefined || list.key !== listKey || list.type !== type || !executor.fillColumns)
    return undefined
  return keys.every((key) => list.column(key)?.includes('null') === false) ? list : undefined
}
type Found = FoundErrors<SubgraphError>

/** What a fetch found, with the explanations of its predictions; undefined if it needs representations. */
type Outcome = { readonly found: Found; readonly part: Explain | undefined } | PresageError | undefined

async function fill(
  { executor }: EntityColumns,
  entities: readonly ResponseObject[] | JsonColumns,
  call: SubgraphCall,
  run: PlanRun,
): Promise<Outcome> {
  if (run.request.isAborted) return clientGone()
  if (run.isClosed) return deadlineExceeded(call.subgraph)
  const { request, part } = explainedCall(run.request)
  const variables = pick(call.variableNames, run.variables)
  try {
    const filling =
      'rows' in entities
        ? executor.fillColumns!(entities, variables, request)
        : executor.fill(entities, variables, request, run)
    const found = await run.inTime(filling)
    if (found === expired) return deadlineExceeded(call.subgraph)
    return found && { found, part }
  } catch (error) {
    return error instanceof PresageError ? error : upstreamFailed(call.subgraph, error)
  }
}

/** Whether there is nothing to place, so that the entities need not be gathered. */
function isWhole(outcome: NonNullable<Outcome>): boolean {
  if (outcome instanceof PresageError || outcome.part !== undefined) return false
  return outcome.found.errors.length === 0 && outcome.found.shared.length === 0
}

function settle(targets: EntityTargets, outcome: NonNullable<Outcome>, run: PlanRun): true {
  if (outcome instanceof PresageError) {
    targets.accept({ data: undefined, errors: [], shared: [], failure: outcome }, run)
  } else {
    targets.acceptInPlace(outcome.found, run)
    addUnplaced(outcome.found.errors, [targets], run)
    if (outcome.part !== undefined) targets.acceptPart(outcome.part, run)
  }
  return true
}

/** Reports the errors that belong to none of a fetch's lists, without a path. */
function addUnplaced(
  errors: readonly SubgraphError[],
  targets: readonly EntityTargets[],
  run: PlanRun,
): void {
  for (const error of errors)
    if (!targets.some((one) => one.places(error))) run.addError(locatedError(error, undefined))
}

/** The part of a fetch that is the same for all requests. */
interface SubgraphCall {
  readonly subgraph: string
  readonly executor: SubgraphExecutor
  readonly operation: SubgraphOperation
  /** The variables of the planned operation that it uses. */
  readonly variableNames: readonly string[]
}

function compileSubgraphCall(
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

/**
 * The request to hand to an executor. Explanations of one call are collected in a `part` of its own, because they have
 * its paths.
 */
function explainedCall(request: ClientRequest): { request: ClientRequest; part: Explain | undefined } {
  if (request.explain === undefined) return { request, part: undefined }
  const part = new Explain()
  return { request: explainedIn(request, part), part }
}

/** Calls the subgraph, and waits no longer than the request's deadline. Never rejects. */
function callSubgraph(call: SubgraphCall, variables: Variables, run: PlanRun): Promise<SubgraphAnswer> {
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
  if (run.isClosed) return Promise.resolve(failed(deadlineExceeded(call.subgraph)))
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
