/** An object as subgraphs answer it and as fetches merge it, by response key. */
export type ResponseObject = Record<string, unknown>

/** A class of its own, so that the engine gives its objects one layout; nothing is inherited, not even `toString`. */
export function responseClass(): new () => ResponseObject {
  function Response() {}
  Response.prototype = nothing
  return Response as unknown as new () => ResponseObject
}

const nothing = Object.create(null)

/** Where a value stands in a response. */
export type Path = readonly (string | number)[]

/** Whether the value is an object of a response: not null, a list or a scalar. */
export function isResponseObject(value: unknown): value is ResponseObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/**
 * Merges what a fetch answered into what is there, in place and without copies: parts of `source` become parts of
 * `target`. Objects and lists of equal length are merged member by member; null never replaces a value.
 */
export function mergeInto(target: ResponseObject, source: ResponseObject): void {
  for (const key in source) {
    const present = target[key]
    // A function is nothing that a subgraph answered: the key is one that every object inherits, such as `toString`.
    target[key] = typeof present === 'function' ? source[key] : merged(present, source[key])
  }
}

/** A copy that shares nothing with the value, for an answer that goes to two places which later fetches treat apart. */
export function copy(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(copy)
  if (!isResponseObject(value)) return value
  const result: ResponseObject = Object.create(null)
  for (const key in value) result[key] = copy(value[key])
  return result
}

/** The two values of one place as one: what `mergeInto` makes of a member. */
export function merged(present: unknown, incoming: unknown): unknown {
  if (present === null || present === undefined) return incoming
  if (incoming === null || incoming === undefined) return present
  if (Array.isArray(present) && Array.isArray(incoming) && present.length === incoming.length) {
    // A list of scalars may be a resolver's own, which is not ours to change.
    if (!present.every(isContainer)) return present.map((item, i) => merged(item, incoming[i]))
    for (let i = 0; i < present.length; i++) present[i] = merged(present[i], incoming[i])
    return present
  }
  if (isResponseObject(present) && isResponseObject(incoming)) {
    mergeInto(present, incoming)
    return present
  }
  return incoming
}

function isContainer(item: unknown): boolean {
  return typeof item === 'object' && item !== null
}
