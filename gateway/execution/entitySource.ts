import { type DocumentNode, Kind } from 'graphql'
import type { EntityList } from '../../federation/queryPlan'
import type { Supergraph } from '../../federation/supergraph/readSupergraph'
import { memoized } from '../../lib/memoized'
import { compilePlanPath, type PlanPath } from '../graphql/responseData'
import { entityFields, type FetchedField, fieldsByType } from './fetchedFields'
import { compilePredictionNeeds, type PredictionNeed } from './predictionNeeds'
import { compileRepresentation, type RepresentationBuilder, soleTypeCondition } from './representations'

/** The compiled form of an EntityList: where the entities are, what is sent, and what is asked for. */
export interface EntitySource {
  /** `_entities`, or its alias in the operation. */
  readonly entitiesKey: string
  /** The operation's variable for the representations. */
  readonly variable: string
  readonly paths: readonly PlanPath[]
  readonly builder: RepresentationBuilder
  /** Names of the fields that are sent in addition to the entity's key. */
  readonly required: ReadonlySet<string>
  fieldsOf(type: unknown): readonly FetchedField[]
  needsOf(type: unknown): readonly PredictionNeed[]
}

export function compileEntitySource(
  { key, variable, paths, requires }: EntityList,
  subgraph: string,
  document: DocumentNode,
  supergraph: Supergraph,
): EntitySource {
  const fields = entityFields(document, key)
  const fieldsOf = fieldsByType(fields, supergraph)
  const required = requiredBesideKey(fields, subgraph, supergraph)
  const soleType = soleTypeCondition(requires)
  return {
    entitiesKey: key,
    variable,
    required,
    paths: paths.map((path) => compilePlanPath(path, supergraph)),
    builder: compileRepresentation(requires, required, subgraph, supergraph),
    fieldsOf,
    needsOf: memoized((known: unknown) => {
      const type = known === undefined ? soleType : known
      return typeof type === 'string'
        ? compilePredictionNeeds(subgraph, type, fieldsOf(type), requires, supergraph)
        : []
    }),
  }
}

/** Names of the fields that the fetched fields require, without the key fields. */
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
