import type { ASTNode, GraphQLError } from 'graphql'
import type { Place, Shape } from '../../federation/operations/normalOperation'
import { placedError } from '../graphql/locatedError'
import { isResponseObject, type Path, type ResponseObject } from '../graphql/responseData'

/** Where the client sees a path of the merged data. */
export interface ClientPlace {
  readonly path: Path
  /** The document's fields there; several if it selects the field more than once. */
  readonly nodes: readonly ASTNode[]
  /**
   * Whether the path was cut at the last field that the client selected, because it continues into fields that only a
   * `@requires` needed.
   */
  readonly isAbove: boolean
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
  const said = new Set<string>()
  return errors.flatMap((error) => {
    if (error.path === undefined) return [error]
    return clientPlaces(error.path, root, data).flatMap(({ path, nodes, isAbove }) => {
      const key = `${path.join('.')} ${error.message}`
      if (isAbove && said.has(key)) return []
      said.add(key)
      return [placedError(error, path.length === 0 ? undefined : path, nodesOf(ownNodes.get(error) ?? nodes))]
    })
  })
}

/** All places where the client sees a path of the merged data; at least one. */
export function clientPlaces(path: Path, root: Place, data: ResponseObject): readonly ClientPlace[] {
  const ended: Walked[] = []
  let walked: Walked[] = [{ path: [], nodes: [], isAbove: false, place: root }]
  let value: unknown = data
  for (const key of path) {
    walked = walked.flatMap((at) => {
      if (typeof key === 'number') return [{ ...at, path: [...at.path, key] }]
      const below = at.place === undefined ? [] : fieldsAt(at, at.place, key, value)
      if (below.length === 0) ended.push({ ...at, isAbove: true })
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
      found.set(responseKey, { path: [...at.path, responseKey], nodes, isAbove: false, place: field.place })
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
