import type { ASTNode, GraphQLError } from 'graphql'
import type { Place } from '../../federation/operations/normalOperation'
import { type AlikePaths, eachPath, type SharedError } from '../../lib/execution/sharedError'
import { locatedPresageError, placedError } from '../graphql/locatedError'
import type { Path, ResponseObject } from '../graphql/responseData'
import { clientPlaces } from './clientErrors'

/** A shared error as the client sees it. */
export interface PlacedErrors extends AlikePaths {
  /** The error at the first of its paths. */
  readonly first: GraphQLError
}

/** Where the client sees a shared error. Undefined if that has to be found item by item. */
export function placedErrors(
  { error, path: found, position, count }: SharedError,
  root: Place,
  data: ResponseObject,
  nodesOf: (nodes: readonly ASTNode[]) => readonly ASTNode[],
): readonly PlacedErrors[] | undefined {
  if (!isOfOneShape(found, root)) return undefined
  const places = clientPlaces(found, root, data)
  if (places.some(({ isAbove }) => isAbove)) return undefined
  const located = locatedPresageError(error, found)
  return places.map(({ path, nodes }) => {
    return { first: placedError(located, path, nodesOf(nodes)), path, position, count }
  })
}

/** Splits it into single errors. */
export function eachError(placed: PlacedErrors): readonly GraphQLError[] {
  const { first } = placed
  return eachPath(placed).map((path) => placedError(first, path, first.nodes ?? []))
}

/** Whether the same selection applies to every value on the path, whatever its type. */
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
