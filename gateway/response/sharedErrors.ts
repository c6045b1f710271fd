import type { ASTNode, GraphQLError } from 'graphql'
import type { Place } from '../../federation/operations/normalOperation'
import type { PresageError } from '../../lib/errors'
import { type AlikePaths, eachPath, type SharedError } from '../../lib/execution/sharedError'
import { locatedPresageError, placedError } from '../graphql/locatedError'
import type { Path } from '../graphql/responseData'

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
  { error, path, position, count }: SharedError,
  root: Place,
  nodesOf: (nodes: readonly ASTNode[]) => readonly ASTNode[],
): readonly PlacedErrors[] | undefined {
  return placesOf(path, root)?.map(
    (at) => new PlacedErrors(error, nodesOf(at.nodes), at.path, position, count),
  )
}

/** Splits it into single errors. */
export function eachError(placed: PlacedErrors): readonly GraphQLError[] {
  const { first, nodes } = placed
  return eachPath(placed).map((path) => placedError(first, path, nodes))
}

interface Walked {
  readonly path: (string | number)[]
  readonly nodes: readonly ASTNode[]
  readonly place: Place | undefined
}

/**
 * All places where the client sees a path, whatever the values on it. Undefined if the selection depends on their type,
 * or the client did not select the field.
 */
function placesOf(path: Path, root: Place): readonly Walked[] | undefined {
  let walked: readonly Walked[] = [{ path: [], nodes: [], place: root }]
  for (const key of path) {
    if (typeof key === 'number') {
      for (const at of walked) at.path.push(key)
      continue
    }
    const below: Walked[] = []
    for (const at of walked) {
      if (at.place?.shapes.size !== 1) return undefined
      const before = below.length
      for (const { shown } of at.place.shapes.values()) {
        for (const field of shown) {
          if (field.key !== key) continue
          below.push({ path: [...at.path, field.responseKey], nodes: field.nodes, place: field.place })
        }
      }
      if (below.length === before) return undefined
    }
    walked = below
  }
  return walked
}
