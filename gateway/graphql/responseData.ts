import type { PathSegment } from '../../federation/queryPlan'
import type { Supergraph } from '../../federation/supergraph/readSupergraph'

/** An object of a subgraph's answer or of the merged data, by response key. */
export type ResponseObject = Record<string, unknown>

/** A class for each shape, so that V8 gives its objects one hidden class. They inherit nothing at all. */
export function responseClass(): new () => ResponseObject {
  function Response() {}
  Response.prototype = nothing
  return Response as unknown as new () => ResponseObject
}

const nothing = Object.create(null)

export type Path = readonly (string | number)[]

/** Whether the value is an object of a response: not null, a list or a scalar. */
export function isResponseObject(value: unknown): value is ResponseObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/**
 * Merges the answer of a fetch into the data, in place and without copies: parts of `source` become parts of `target`.
 * Objects, and lists of equal length, are merged member by member. Null never replaces a value.
 */
export function mergeInto(target: ResponseObject, source: ResponseObject): void {
  for (const key in source) {
    // It would lead to the object from which all of this process inherit. No field has that name.
    if (key === '__proto__') continue
    const present = target[key]
    // Subgraphs never answer functions: the key is one that every object inherits, such as `toString`.
    target[key] = typeof present === 'function' ? source[key] : merged(present, source[key])
  }
}

/** A deep copy, for an answer that goes to two places which later fetches change separately. */
export function copy(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(copy)
  if (!isResponseObject(value)) return value
  const result: ResponseObject = Object.create(null)
  for (const key in value) result[key] = copy(value[key])
  return result
}

/** Merges two values of one place, as `mergeInto` does with each member. */
export function merged(present: unknown, incoming: unknown): unknown {
  if (present === null || present === undefined) return incoming
  // A part that several places share is there already, however much is in it.
  if (incoming === null || incoming === undefined || incoming === present) return present
  if (Array.isArray(present) && Array.isArray(incoming) && present.length === incoming.length) {
    // A list of scalars may belong to a resolver, and must not be changed.
    if (!present.every(isContainer)) return present.map((item, i) => merged(item, incoming[i]))
    for (let i = 0; i < present.length; i++) present[i] = merged(present[i], incoming[i])
    return present
  }
  if (isResponseObject(present) && isResponseObject(incoming)) {
    mergeInto(present, incoming)
    return present
  }
  return incoming
}

function isContainer(item: unknown): boolean {
  return typeof item === 'object' && item !== null
}

/** Visits every object at the path, in order. `trail` is reused between visits: copy it to keep it. */
export type PlanPath = (data: ResponseObject, visit: (object: ResponseObject, trail: Path) => void) => void

/** Compiles the path of entities. Lists are entered at any depth. */
export function compilePlanPath(path: readonly PathSegment[], supergraph: Supergraph): PlanPath {
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
