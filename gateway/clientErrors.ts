import { type FieldNode, GraphQLError, Kind, type SelectionSetNode } from 'graphql'
import type { SelectionSource, ShapeContext } from './collectFields'
import type { Violation } from './compileShape'
import { compileGuard, holds } from './guard'
import { placedError } from './locatedError'
import type { Variables } from './planRun'
import type { Path } from './responseData'

/**
 * Errors as the client can place them, with the lines of its own document: a path that leaves what the client selected, such as that of a field that only a
 * `@requires` needed, ends where it leaves; what is then said twice is said once.
 */
export function clientErrors(
  errors: readonly GraphQLError[],
  operation: SelectionSource,
  context: ShapeContext,
  variables: Variables,
): readonly GraphQLError[] {
  if (errors.length === 0) return errors
  const places = new Map<string, Place>()
  const said = new Map<string, Set<string>>()
  const result: GraphQLError[] = []
  for (const error of errors) {
    const placed =
      error.path === undefined ? error : place(error, error.path, places, operation, { context, variables })
    const at = placed.path?.join('.') ?? ''
    const messages = said.get(at) ?? new Set()
    if (placed.path?.length !== error.path?.length && messages.has(placed.message)) continue
    said.set(at, messages.add(placed.message))
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

/** Where a path ends in the client's document. */
interface Place {
  /** How many segments of the path the client selected. */
  readonly length: number
  /** The fields there, more than one where the document asks for it more than once. */
  readonly fields: readonly FieldNode[]
}

function place(
  error: GraphQLError,
  path: Path,
  places: Map<string, Place>,
  operation: SelectionSource,
  request: RequestedFields,
): GraphQLError {
  const shape = path.map((segment) => (typeof segment === 'number' ? '#' : segment)).join('.')
  let found = places.get(shape)
  if (found === undefined) {
    found = findPlace(path, operation.selectionSet, request)
    places.set(shape, found)
  }
  const { length, fields } = found
  return placedError(error, length === 0 ? undefined : path.slice(0, length), fields)
}

function findPlace(path: Path, selectionSet: SelectionSetNode, request: RequestedFields): Place {
  let current: readonly SelectionSetNode[] = [selectionSet]
  let fields: readonly FieldNode[] = []
  for (let i = 0; i < path.length; i++) {
    const key = path[i]
    if (typeof key === 'number') continue
    const found: FieldNode[] = []
    const visited = new Set<string>()
    for (const selections of current) findKey(key, selections, found, visited, request)
    if (found.length === 0) return { length: i, fields }
    fields = found
    current = found.flatMap((field) => field.selectionSet ?? [])
  }
  return { length: path.length, fields }
}

function findKey(
  key: string,
  selectionSet: SelectionSetNode,
  found: FieldNode[],
  visited: Set<string>,
  request: RequestedFields,
): void {
  for (const selection of selectionSet.selections) {
    const guard = compileGuard(selection.directives)
    if (guard === undefined || !holds(guard, request.variables)) continue
    if (selection.kind === Kind.FIELD) {
      if ((selection.alias ?? selection.name).value === key) found.push(selection)
    } else if (selection.kind === Kind.INLINE_FRAGMENT) {
      findKey(key, selection.selectionSet, found, visited, request)
    } else if (!visited.has(selection.name.value)) {
      visited.add(selection.name.value)
      const fragment = request.context.fragments.get(selection.name.value)
      if (fragment) findKey(key, fragment.selectionSet, found, visited, request)
    }
  }
}
