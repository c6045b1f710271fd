import { type DocumentNode, Kind } from 'graphql'
import type { BatchFetchNode, FetchNode, PathSegment, RequiresSelection } from '../../federation/queryPlan'
import type { Supergraph } from '../../federation/supergraph/readSupergraph'
import { pick, type Step } from '../run/planRun'
import { compileEntityColumns, fillEntities } from './entityColumns'
import { type EntitySource, EntityTargets } from './entityTargets'
import { explainedCall } from './explained'
import { entityFields, type FetchedField, fieldsByType } from './fetchedFields'
import type { PlanContext } from './planContext'
import { compilePlanPath } from './planPath'
import { compilePredictionNeeds, type PredictionNeed } from './predictionNeeds'
import { compileRepresentation, RepresentationList, soleTypeCondition } from './representations'
import { callSubgraph, compileSubgraphCall } from './subgraphCall'

/** A fetch of entities that stand at one path. */
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

/** Several lists of entities, each from its own paths and under its own alias of `_entities`, in one request. */
export function compileBatchFetch(node: BatchFetchNode, context: PlanContext): Step {
  const parts = node.entityBatch.aliases.map((alias) => ({
    ...alias,
    entitiesKey: alias.alias,
    variable: alias.representationsVariableName,
  }))
  return compile(node, parts, context)
}

/** One list of entities of a fetch, as the plan has it. */
export interface EntityPart {
  readonly entitiesKey: string
  readonly variable: string
  readonly paths: readonly (readonly PathSegment[])[]
  readonly requires: readonly RequiresSelection[]
}

function compile(node: FetchNode | BatchFetchNode, parts: readonly EntityPart[], context: PlanContext): Step {
  const { supergraph } = context
  const call = compileSubgraphCall(node, context)
  const sources = parts.map((part) => compileSource(part, call.subgraph, call.operation.document, supergraph))
  const columns =
    parts.length === 1 ? compileEntityColumns(call, parts[0], sources[0].required, supergraph) : undefined
  return async (run) => {
    // Which fields failed, and what must not be asked for therefore, is looked up entity by entity.
    if (columns !== undefined && !run.hasFailures) return fillEntities(sources[0], columns, call, run)
    const variables = pick(call.variableNames, run.variables)
    const lists = new Map<string, RepresentationList>()
    const targets = sources.map((source) => {
      const list = lists.get(source.variable) ?? new RepresentationList()
      lists.set(source.variable, list)
      return EntityTargets.gather(source, list, run)
    })
    let isEmpty = true
    for (const [variable, list] of lists) {
      // One empty list beside others is sent: the operation declares a variable for each.
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

function compileSource(
  part: EntityPart,
  subgraph: string,
  document: DocumentNode,
  supergraph: Supergraph,
): EntitySource {
  const fields = entityFields(document, part.entitiesKey)
  const fieldsOf = fieldsByType(fields, supergraph)
  const required = requiredBesideKey(fields, subgraph, supergraph)
  const needsOf = new Map<unknown, readonly PredictionNeed[]>()
  const soleType = soleTypeCondition(part.requires)
  return {
    entitiesKey: part.entitiesKey,
    variable: part.variable,
    required,
    paths: part.paths.map((path) => compilePlanPath(path, supergraph)),
    representer: compileRepresentation(part.requires, required, subgraph, supergraph),
    fieldsOf,
    needsOf(type = soleType) {
      let needs = needsOf.get(type)
      if (needs === undefined) {
        needs =
          typeof type === 'string'
            ? compilePredictionNeeds(subgraph, type, fieldsOf(type), part.requires, supergraph)
            : []
        needsOf.set(type, needs)
      }
      return needs
    },
  }
}

/** Names of what the fields of a fetch require, less those by which the entities are found. */
function requiredBesideKey(
  fields: readonly FetchedField[],
  subgraph: string,
  supergraph: Supergraph,
): ReadonlySet<string> {
  const required = new Set<string>()
  for (const { condition, name } of fields) {
    if (condition === undefined) continue
    for (const selection of supergraph.requiredBy(subgraph, condition, name)?.selections ?? []) {
      if (selection.kind !== Kind.FIELD || supergraph.isKeyField(subgraph, condition, selection.name.value))
        continue
      required.add(selection.name.value)
    }
  }
  return required
}
