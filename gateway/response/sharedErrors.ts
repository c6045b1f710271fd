import type { ASTNode, GraphQLError } from 'graphql'
import type { Place } from '../../federation/operations/normalOperation'
import type { PresageError } from '../../lib/errors'
import { type AlikePaths, eachPath, type SharedError } from '../../lib/execution/sharedError'
import { locatedPresageError, placedError } from '../graphql/locatedError'
import type { Path, ResponseObject } from '../graphql/responseData'
import { clientPlaces } from './clientErrors'

/** A shared error as the client sees it. */
export class PlacedErrors implements AlikePaths {
  private made: GraphQLError | undefined

  constructor(
    readonly error: PresageError,
    /** The document's fields. */
    readonly nodes: readonly ASTNode[],
    readonly path: Path,
    readonly position: number,
    readonly count: number,
  ) {}

  /** The error at the first of its paths; made when it is read, since most texts are kept. */
  get first(): GraphQLError {
    this.made ??= placedError(locatedPresageError(this.error, this.path), this.path, this.nodes)
    return this.made
  }
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
  return places.map(({ path, nodes }) => new PlacedErrors(error, nodesOf(nodes), path, position, count))
}

/** Splits it into single errors. */
export function eachError(placed: PlacedErrors): readonly GraphQLError[] {
  const { first, nodes } = placed
  return eachPath(placed).map((path) => placedError(first, path, nodes))
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
