import type { RequiresSelection } from '../../federation/queryPlan'
import type { Supergraph } from '../../federation/supergraph/readSupergraph'
import { PresageError } from '../../lib/errors'
import type { ColumnExecutor } from '../../lib/execution/subgraphExecutor'
import { clientGone, deadlineExceeded, upstreamFailed } from '../graphql/upstreamErrors'
import { expired, type PlanRun, pick } from '../run/planRun'
import type { EntityPart, EntitySource } from './entitySource'
import { EntityTargets } from './entityTargets'
import { explainedCall } from './explained'
import type { SubgraphCall } from './subgraphCall'

/** A fetch that needs no representations: the executor reads and fills the entities in place. */
export interface EntityColumns {
  /** The one type of its entities. */
  readonly type: string
  /** Key fields. An entity needs at least one of them to be found. */
  readonly keys: readonly string[]
  readonly executor: ColumnExecutor
}

/**
 * Undefined unless the fetch's executor can answer it by columns: all fields must be column fields, and the entities
 * must hold all that the fetch requires under the names that it would send.
 */
export function compileEntityColumns(
  call: SubgraphCall,
  part: EntityPart,
  { required, fieldsOf }: EntitySource,
  supergraph: Supergraph,
): EntityColumns | undefined {
  const [only, ...others] = part.requires
  if (only?.kind !== 'InlineFragment' || others.length > 0) return undefined
  const { typeCondition: type, selections } = only
  if (supergraph.possibleTypes(type).size !== 1 || !supergraph.possibleTypes(type).has(type)) return undefined
  if (!keepNames(selections)) return undefined
  const sent = new Set(selections.flatMap((field) => (field.kind === 'Field' ? [field.name] : [])))
  const executor = call.executor.columns?.({
    operation: call.operation,
    entitiesKey: part.entitiesKey,
    type,
    sent,
    isFlat: selections.every((field) => field.kind === 'Field' && (field.selections ?? []).length === 0),
    isForPredictions: fieldsOf(type).every(({ name }) => supergraph.isPrediction(type, name)),
  })
  const keys = [...sent].filter((name) => name !== '__typename' && !required.has(name))
  return executor && { type, keys, executor }
}

/** Runs the fetch for all entities at its paths. Resolves with false, having done nothing, if it needs representations. */
export async function resolveInPlace(
  source: EntitySource,
  columns: EntityColumns,
  call: SubgraphCall,
  run: PlanRun,
): Promise<boolean> {
  const targets = EntityTargets.gatherInPlace(source, columns.type, columns.keys, run)
  if (targets.entities.length === 0) return true
  const outcome = await fill(targets, columns, call, run)
  if (outcome instanceof PresageError)
    targets.accept({ data: undefined, errors: [], shared: [], failure: outcome }, run)
  return outcome !== 'not by columns'
}

async function fill(
  targets: EntityTargets,
  { executor }: EntityColumns,
  call: SubgraphCall,
  run: PlanRun,
): Promise<'done' | 'not by columns' | PresageError> {
  if (run.request.isAborted) return clientGone()
  if (run.isExpired) return deadlineExceeded(call.subgraph)
  const { request, part } = explainedCall(run.request)
  try {
    const filling = executor.fill(targets.entities, pick(call.variableNames, run.variables), request, run)
    const found = await run.inTime(filling)
    if (found === expired) return deadlineExceeded(call.subgraph)
    if (found === undefined) return 'not by columns'
    targets.acceptInPlace(found, run)
    if (part !== undefined) targets.acceptPart(part, run)
    return 'done'
  } catch (error) {
    return error instanceof PresageError ? error : upstreamFailed(call.subgraph, error)
  }
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
