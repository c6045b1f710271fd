import { GraphQLError, Kind, type SelectionSetNode } from 'graphql'
import type { SelectionSource, ShapeContext } from './collectFields'
import type { Violation } from './compileShape'
import { compileGuard, holds } from './guard'
import type { Variables } from './planRun'
import type { Path } from './responseData'

/**
 * Errors as the client can place them: a path that leaves what the client selected, such as that of a field that only a
 * `@requires` needed, ends where it leaves; what is then said twice is said once.
 */
export function clientErrors(
  errors: readonly GraphQLError[],
  operation: SelectionSource,
  context: ShapeContext,
  variables: Variables,
): readonly GraphQLError[] {
  if (errors.length === 0) return errors
  const lengths = new Map<string, number>()
  const said = new Map<string, Set<string>>()
  const result: GraphQLError[] = []
  for (const error of errors) {
    const placed =
      error.path === undefined
        ? error
        : shorten(error, error.path, lengths, operation, { context, variables })
    const place = placed.path?.join('.') ?? ''
    const messages = said.get(place) ?? new Set()
    if (placed !== error && messages.has(placed.message)) continue
    said.set(place, messages.add(placed.message))
    result.push(placed)
  }
  return result
}

/** Errors for nulls that the public schema does not allow and that no error accounts for yet. */
export function unexplained(
  violations: readonly Violation[],
  errors: readonly GraphQLError[],
): readonly GraphQLError[] {
  if (violations.length === 0) return []
  const at = new Set<string>()
  const above = new Set<string>()
  for (const { path } of errors) {
    if (path === undefined) continue
    at.add(path.join('.'))
    for (let length = 1; length <= path.length; length++) above.add(path.slice(0, length).join('.'))
  }
  return violations
    .filter(({ path }) => {
      if (above.has(path.join('.'))) return false
      for (let length = 1; length < path.length; length++) {
        if (at.has(path.slice(0, length).join('.'))) return false
      }
      return true
    })
    .map(
      ({ path, coordinate }) =>
        new GraphQLError(`Cannot return null for non-nullable field ${coordinate}.`, { path }),
    )
}

/** What decides on the fields of one request. */
interface RequestedFields {
  readonly context: ShapeContext
  readonly variables: Variables
}

function shorten(
  error: GraphQLError,
  path: Path,
  lengths: Map<string, number>,
  operation: SelectionSource,
  request: RequestedFields,
): GraphQLError {
  const shape = path.map((segment) => (typeof segment === 'number' ? '#' : segment)).join('.')
  let length = lengths.get(shape)
  if (length === undefined) {
    length = selectedLength(path, operation.selectionSet, request)
    lengths.set(shape, length)
  }
  if (length === path.length) return error
  return new GraphQLError(error.message, {
    path: length === 0 ? undefined : path.slice(0, length),
    originalError: error.originalError,
    extensions: error.extensions,
  })
}

/** How many segments of the path the client selected. */
function selectedLength(path: Path, selectionSet: SelectionSetNode, request: RequestedFields): number {
  let current: readonly SelectionSetNode[] = [selectionSet]
  for (let i = 0; i < path.length; i++) {
    const key = path[i]
    if (typeof key === 'number') continue
    const found = { isSelected: false, below: [] as SelectionSetNode[] }
    const visited = new Set<string>()
    for (const selections of current) findKey(key, selections, found, visited, request)
    if (!found.isSelected) return i
    current = found.below
  }
  return path.length
}

function findKey(
  key: string,
  selectionSet: SelectionSetNode,
  found: { isSelected: boolean; readonly below: SelectionSetNode[] },
  visited: Set<string>,
  request: RequestedFields,
): void {
  for (const selection of selectionSet.selections) {
    const guard = compileGuard(selection.directives)
    if (guard === undefined || !holds(guard, request.variables)) continue
    if (selection.kind === Kind.FIELD) {
      if ((selection.alias ?? selection.name).value !== key) continue
      found.isSelected = true
      if (selection.selectionSet) found.below.push(selection.selectionSet)
    } else if (selection.kind === Kind.INLINE_FRAGMENT) {
      findKey(key, selection.selectionSet, found, visited, request)
    } else if (!visited.has(selection.name.value)) {
      visited.add(selection.name.value)
      const fragment = request.context.fragments.get(selection.name.value)
      if (fragment) findKey(key, fragment.selectionSet, found, visited, request)
    }
  }
}
