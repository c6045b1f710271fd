import type { GraphQLError } from 'graphql'
import type { PresageError } from '../../lib/errors'
import type { AlikePaths, SharedError } from '../../lib/execution/sharedError'
import { locatedPresageError, singleErrors } from '../graphql/locatedError'
import type { Path, PlanPath, ResponseObject } from '../graphql/responseData'
import type { PlanRun } from '../run/planRun'

/**
 * Reports a shared error at the paths of its entities. The error's own path names the first of them in `_entities`.
 * Entities are found by walking `paths` again in the order in which they were gathered. Returns the errors of those
 * that were not found.
 */
export function placeShared(
  shared: SharedError,
  entities: readonly ResponseObject[],
  paths: readonly PlanPath[],
  run: PlanRun,
): readonly GraphQLError[] {
  const { error, count } = shared
  const [entitiesKey, first, key] = shared.path
  let next = first as number
  const end = next + count
  let items: Items | undefined
  for (const path of paths) {
    path(run.data, (object, trail) => {
      if (next === end || object !== entities[next]) return
      next++
      if (items !== undefined && isNextItem(items, trail)) items.count++
      else {
        if (items !== undefined) addItems(error, items, run)
        items = { path: [...trail, key], position: lastIndexIn(trail), count: 1 }
      }
    })
  }
  if (items !== undefined) addItems(error, items, run)
  if (next === end) return nothingLost
  return singleErrors({ error, path: [entitiesKey, next, key], position: 1, count: end - next })
}

const nothingLost: readonly GraphQLError[] = Object.freeze([])

interface Items extends AlikePaths {
  count: number
}

function addItems(error: PresageError, items: Items, run: PlanRun): void {
  const { path, count } = items
  if (count > 1) run.addShared({ error, ...items })
  else {
    run.addError(locatedPresageError(error, path))
    run.markFailed(run.data, path)
  }
}

/** Whether the trail plus the field's key is the path that follows these items. */
function isNextItem({ path, position, count }: AlikePaths, trail: Path): boolean {
  if (position === -1 || trail.length !== path.length - 1) return false
  for (let at = 0; at < trail.length; at++) {
    if (at === position ? trail[at] !== (path[at] as number) + count : trail[at] !== path[at]) return false
  }
  return true
}

function lastIndexIn(trail: Path): number {
  let at = trail.length - 1
  while (at >= 0 && typeof trail[at] !== 'number') at--
  return at
}
