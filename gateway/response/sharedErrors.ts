import type { ASTNode, GraphQLError } from 'graphql'
import type { Place } from '../../federation/operations/normalOperation'
import type { SharedError } from '../../lib/sharedError'
import { locatedPresageError, placedError } from '../locatedError'
import type { Path, ResponseObject } from '../responseData'
import { clientPlaces } from './clientErrors'

/** One error of many places of the client's answer, which differ in nothing but indexes. */
export interface PlacedErrors {
  /** The error at the first of them. */
  readonly first: GraphQLError
  /** Paths that have the indexes; what stands between these is as in the path of `first`. */
  readonly paths: readonly Path[]
}

/** Where the client sees an error of many places. Undefined where it has to be looked for place by place. */
export function placedErrors(
  { error, paths }: SharedError,
  root: Place,
  data: ResponseObject,
  nodesOf: (nodes: readonly ASTNode[]) => readonly ASTNode[],
): readonly PlacedErrors[] | undefined {
  const [first] = paths
  if (!areAlike(paths) || !isOfOneShape(first, root)) return undefined
  const places = clientPlaces(first, root, data)
  if (places.some(({ isAbove }) => isAbove)) return undefined
  const located = locatedPresageError(error, first)
  return places.map(({ path, nodes }) => ({ first: placedError(located, path, nodesOf(nodes)), paths }))
}

/** All of them, one by one. */
export function eachError({ first, paths }: PlacedErrors): readonly GraphQLError[] {
  const path = first.path!
  return paths.map((indexes) =>
    placedError(
      first,
      path.map((key, at) => (typeof key === 'number' ? indexes[at] : key)),
      first.nodes ?? [],
    ),
  )
}

/** Whether paths differ in their indexes alone. */
function areAlike(paths: readonly Path[]): boolean {
  const [first] = paths
  for (const path of paths) {
    if (path.length !== first.length) return false
    for (let at = 0; at < path.length; at++) {
      if (path[at] !== first[at] && (typeof path[at] !== 'number' || typeof first[at] !== 'number'))
        return false
    }
  }
  return true
}

/** Whether all that may stand on the path is selected alike, whatever its type. */
function isOfOneShape(path: Path, root: Place): boolean {
  let places: readonly Place[] = [root]
  for (const key of path) {
    if (typeof key === 'number') continue
    if (places.some(({ shapes }) => shapes.size !== 1)) return false
    places = places.flatMap(({ shapes }) =>
      [...shapes.values()].flatMap(({ shown }) =>
        shown.flatMap((field) => (field.key === key && field.place ? [field.place] : [])),
      ),
    )
  }
  return true
}
