import type { ASTNode, GraphQLError } from 'graphql'
import type { Place, Shape } from '../../federation/operations/normalOperation'
import { getOrMake } from '../../lib/groups'
import { FailedInput } from '../graphql/failedInput'
import { locatedPresageError, placedError } from '../graphql/locatedError'
import { isResponseObject, type Path, type ResponseObject } from '../graphql/responseData'

/** Where the client sees a path of the merged data. */
export interface ClientPlace {
  readonly path: Path
  /** The document's fields there; several if it selects the field more than once. */
  readonly nodes: readonly ASTNode[]
  /**
   * How many keys of the path were cut after the last field that the client selected, because they are of fields that
   * only a `@requires` needed.
   */
  readonly cut: number
}

/**
 * Maps errors to the client's paths. If a field is shown under several response keys, its error is repeated for each.
 * An error below the client's selection gets the path of the last selected field above it, and equal ones are reported
 * once. `nodesOf` maps nodes of the compiled document to the client's; `ownNodes` gives the nodes of errors in the
 * document itself, such as a null condition.
 */
export function clientErrors(
  errors: readonly GraphQLError[],
  root: Place,
  data: ResponseObject,
  nodesOf: (nodes: readonly ASTNode[]) => readonly ASTNode[],
  ownNodes: ReadonlyMap<GraphQLError, readonly ASTNode[]>,
): readonly GraphQLError[] {
  /** By message, which may be long and the same at many paths. */
  const said = new Map<string, Set<string>>()
  return errors.flatMap((error) => {
    if (error.path === undefined) return [error]
    return clientPlaces(error.path, root, data).flatMap(({ path, nodes, cut }) => {
      const told = withClientInput(error, cut === 0 ? path.slice(0, -1) : path, root, data)
      const saidAt = getOrMake(said, told.message, () => new Set<string>())
      const place = path.join('.')
      if (cut > 0 && saidAt.has(place)) return []
      saidAt.add(place)
      return [placedError(told, path.length === 0 ? undefined : path, nodesOf(ownNodes.get(error) ?? nodes))]
    })
  })
}

/** Tells where a prediction's input failed as the client sees it; of several places, the one below `object`. */
function withClientInput(error: GraphQLError, object: Path, root: Place, data: ResponseObject): GraphQLError {
  const { originalError: failed } = error
  if (!(failed instanceof FailedInput)) return error
  const places = clientPlaces(failed.path, root, data).map(({ path, cut }) => [
    ...path,
    ...failed.named.slice(failed.named.length - cut),
  ])
  const place = places.find((path) => object.every((key, i) => path[i] === key)) ?? failed.named
  return locatedPresageError(failed.at(place), undefined)
}

/** All places where the client sees a path of the merged data; at least one. */
export function clientPlaces(path: Path, root: Place, data: ResponseObject): readonly ClientPlace[] {
  const ended: Walked[] = []
  let walked: Walked[] = [{ path: [], nodes: [], cut: 0, place: root }]
  let value: unknown = data
  for (const [i, key] of path.entries()) {
    walked = walked.flatMap((at) => {
      if (typeof key === 'number') return [{ ...at, path: [...at.path, key] }]
      const below = at.place === undefined ? [] : fieldsAt(at, at.place, key, value)
      if (below.length === 0) ended.push({ ...at, cut: path.length - i })
      return below
    })
    value = isContainer(value) ? value[key] : undefined
  }
  return [...walked, ...ended]
}

interface Walked extends ClientPlace {
  readonly place: Place | undefined
}

function fieldsAt(at: Walked, place: Place, key: string, value: unknown): Walked[] {
  const found = new Map<string, Walked>()
  for (const { shown } of shapesOf(place, value)) {
    for (const field of shown) {
      if (field.key !== key || found.has(field.responseKey)) continue
      const { responseKey, nodes } = field
      found.set(responseKey, { path: [...at.path, responseKey], nodes, cut: 0, place: field.place })
    }
  }
  return [...found.values()]
}

/** The shape of the object; all shapes if its type is not known. */
function shapesOf({ shapes }: Place, value: unknown): Iterable<Shape> {
  const name = isResponseObject(value) ? value.__typename : undefined
  const shape = typeof name === 'string' ? shapes.get(name) : undefined
  return shape === undefined ? shapes.values() : [shape]
}

function isContainer(value: unknown): value is Record<string | number, unknown> {
  return typeof value === 'object' && value !== null
}
