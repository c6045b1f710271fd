import type { PathSegment } from '../../federation/queryPlan'
import type { Supergraph } from '../../federation/supergraph/readSupergraph'
import { isResponseObject, type Path, type ResponseObject } from '../graphql/responseData'

/** Visits every object at the path, in order. `trail` is reused between visits: copy it to keep it. */
export type PlanPath = (data: ResponseObject, visit: (object: ResponseObject, trail: Path) => void) => void

/**
 * Compiles the path of a Flatten or BatchFetch. Lists are entered at any depth: the planner writes a single `@` even
 * for a list of lists.
 */
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
