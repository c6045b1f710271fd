import type { EntitiesNode, EntityList, PlanNode, RequiresSelection } from '../../federation/queryPlan'
import type { Supergraph } from '../../federation/supergraph/readSupergraph'
import { PresageError } from '../../lib/errors'
import type { FoundErrors } from '../../lib/execution/sharedError'
import type { ColumnExecutor, JsonColumns } from '../../lib/execution/subgraphExecutor'
import { unreachable } from '../../lib/invariant'
import type { Explain } from '../../lib/request/explain'
import type { SubgraphError } from '../graphql/locatedError'
import type { ResponseObject } from '../graphql/responseData'
import { clientGone, deadlineExceeded, upstreamFailed } from '../graphql/upstreamErrors'
import { expired, type PlanRun, pick, type Step } from '../run/planRun'
import { compileEntitySource, type EntitySource } from './entitySource'
import { EntityTargets } from './entityTargets'
import { RepresentationList } from './representations'
import {
  callSubgraph,
  compileRootFetch,
  compileSubgraphCall,
  explainedCall,
  type PlanContext,
  type SubgraphCall,
} from './subgraphCall'

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
    const { part } = answer
    if (part !== undefined) for (const one of targets) one.acceptPart(part, run)
  }
}

/** A fetch that needs no representations: the executor reads and fills the entities in place. */
interface EntityColumns {
  /** The one type of its entities. */
  readonly type: string
  /** The response key of the list at the root that its entities are the items of; undefined if they are elsewhere. */
  readonly listKey: string | undefined
  /** Key fields. An entity needs at least one of them to be found. */
  readonly keys: readonly string[]
  readonly executor: ColumnExecutor
}

/**
 * Undefined unless the fetch's executor can answer it by columns: all fields must be column fields, and the entities
 * must hold all that the fetch requires under the names that it would send.
 */
function compileEntityColumns(
  call: SubgraphCall,
  planned: EntityList,
  { required, fieldsOf }: EntitySource,
  supergraph: Supergraph,
): EntityColumns | undefined {
  const [only, ...others] = planned.requires
  if (only?.kind !== 'InlineFragment' || others.length > 0) return undefined
  const { typeCondition: type, selections } = only
  if (supergraph.possibleTypes(type).size !== 1 || !supergraph.possibleTypes(type).has(type)) return undefined
  if (!keepNames(selections)) return undefined
  const sent = new Set(selections.flatMap((field) => (field.kind === 'Field' ? [field.name] : [])))
  const executor = call.executor.columns?.({
    operation: call.operation,
    entitiesKey: planned.key,
    type,
    sent,
    isFlat: selections.every((field) => field.kind === 'Field' && (field.selections ?? []).length === 0),
    isForPredictions: fieldsOf(type).every(({ name }) => supergraph.isPrediction(type, name)),
  })
  const keys = [...sent].filter((name) => name !== '__typename' && !required.has(name))
  const [[first, ...rest], ...paths] = planned.paths
  const listKey = rest.length === 0 && paths.length === 0 && 'Field' in first ? first.Field : undefined
  return executor && { type, listKey, keys, executor }
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
  if (run.isExpired) return deadlineExceeded(call.subgraph)
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
    if (outcome.part !== undefined) targets.acceptPart(outcome.part, run)
  }
  return true
}

/** Whether no field, at any depth, is sent under another name than it has in the data. */
function keepNames(requires: readonly RequiresSelection[]): boolean {
  return requires.every((selection) => {
    if (selection.kind === 'InlineFragment') return false
    const isSame =
      selection.alias === undefined || selection.alias === null || selection.alias === selection.name
    return isSame && keepNames(selection.selections ?? [])
  })
}
