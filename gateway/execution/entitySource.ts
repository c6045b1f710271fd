import { type DocumentNode, Kind } from 'graphql'
import type { EntityList, PathSegment } from '../../federation/queryPlan'
import type { Supergraph } from '../../federation/supergraph/readSupergraph'
import { memoized } from '../../lib/memoized'
import { isResponseObject, type Path, type ResponseObject } from '../graphql/responseData'
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

/** Visits every object at the path, in order. `trail` is reused between visits: copy it to keep it. */
export type PlanPath = (data: ResponseObject, visit: (object: ResponseObject, trail: Path) => void) => void

/** Compiles the path of entities. Lists are entered at any depth. */
function compilePlanPath(path: readonly PathSegment[], supergraph: Supergraph): PlanPath {
  const walk = compileSegments(path, supergraph)
  return (data, visit) => walk(data, [], visit)
}

type Walk = (value: unknown, trail: (string | number)[], visit: Parameters<PlanPath>[1]) => void

function compileSegments([segment, ...rest]: readonly PathSegment[], supergraph: Supergraph): Walk {
  if (segment === undefined) return throughLists((object, trail, visit) => visit(object, trail))
  const next = compileSegments(rest, supergraph)
  if ('Field' in segment) {
    const key = segment.Field
    return throughLists((object, trail, visit) => {
      const value = object[key]
      if (value === null || value === undefined) return
      trail.push(key)
      next(value, trail, visit)
      trail.pop()
    })
  }
  const types = new Set(segment.TypeCondition.flatMap((name) => [...supergraph.possibleTypes(name)]))
  return throughLists((object, trail, visit) => {
    // Where the plan asked for no __typename, every object has the type that the path expects.
    if (typeof object.__typename !== 'string' || types.has(object.__typename)) next(object, trail, visit)
  })
}

function throughLists(
  atObject: (object: ResponseObject, trail: (string | number)[], visit: Parameters<PlanPath>[1]) => void,
): Walk {
  return function walk(value, trail, visit) {
    if (Array.isArray(value)) {
      const place = trail.length
      for (let i = 0; i < value.length; i++) {
        trail[place] = i
        walk(value[i], trail, visit)
      }
      trail.length = place
    } else if (isResponseObject(value)) atObject(value, trail, visit)
  }
}
