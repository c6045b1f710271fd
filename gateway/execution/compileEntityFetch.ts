import type { BatchFetchNode, FetchNode, PathSegment } from '../../federation/queryPlan'
import { pick, type Step } from '../run/planRun'
import { compileEntityColumns, resolveInPlace } from './entityColumns'
import { compileEntitySource, type EntityPart } from './entitySource'
import { EntityTargets } from './entityTargets'
import { explainedCall } from './explained'
import { RepresentationList } from './representations'
import { callSubgraph, compileSubgraphCall, type PlanContext } from './subgraphCall'

/** Compiles a fetch of entities at one path. */
export function compileEntityFetch(
  node: FetchNode,
  path: readonly PathSegment[],
  context: PlanContext,
): Step {
  return compile(
    node,
    [
      {
        entitiesKey: '_entities',
        variable: 'representations',
        paths: [path],
        requires: node.requires ?? [],
      },
    ],
    context,
  )
}

/**
 * Compiles a fetch of several lists of entities in one request, each list with its own paths and its own alias of
 * `_entities`.
 */
export function compileBatchFetch(node: BatchFetchNode, context: PlanContext): Step {
  const parts = node.entityBatch.aliases.map((alias) => ({
    ...alias,
    entitiesKey: alias.alias,
    variable: alias.representationsVariableName,
  }))
  return compile(node, parts, context)
}

function compile(node: FetchNode | BatchFetchNode, parts: readonly EntityPart[], context: PlanContext): Step {
  const { supergraph } = context
  const call = compileSubgraphCall(node, context)
  const sources = parts.map((part) =>
    compileEntitySource(part, call.subgraph, call.operation.document, supergraph),
  )
  const columns =
    parts.length === 1 ? compileEntityColumns(call, parts[0], sources[0], supergraph) : undefined
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
    const { request, part } = explainedCall(run.request)
    const answer = await callSubgraph(call, variables, run, request)
    for (const one of targets) one.accept(answer, run)
    if (part !== undefined) for (const one of targets) one.acceptPart(part, run)
  }
}
