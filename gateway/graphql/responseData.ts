/** An object of a subgraph's answer or of the merged data, by response key. */
export type ResponseObject = Record<string, unknown>

/** A class for each shape, so that V8 gives its objects one hidden class. They inherit nothing at all. */
export function responseClass(): new () => ResponseObject {
  function Response() {}
  Response.prototype = nothing
  return Response as unknown as new () => ResponseObject
}

const nothing = Object.create(null)

export type Path = readonly (string | number)[]

/** Whether the value is an object of a response: not null, a list or a scalar. */
export function isResponseObject(value: unknown): value is ResponseObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/**
 * Merges the answer of a fetch into the data, in place and without copies: parts of `source` become parts of `target`.
 * Objects, and lists of equal length, are merged member by member. Null never replaces a value.
 */
export function mergeInto(target: ResponseObject, source: ResponseObject): void {
  for (const key in source) {
    // It would lead to the object from which all of this process inherit. No field has that name.
    if (key === '__proto__') continue
    const present = target[key]
    // Subgraphs never answer functions: the key is one that every object inherits, such as `toString`.
    target[key] = typeof present === 'function' ? source[key] : merged(present, source[key])
  }
}

/** A deep copy, for an answer that goes to two places which later fetches change separately. */
export function copy(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(copy)
  if (!isResponseObject(value)) return value
  const result: ResponseObject = Object.create(null)
  for (const key in value) result[key] = copy(value[key])
  return result
}

/** Merges two values of one place, as `mergeInto` does with each member. */
export function merged(present: unknown, incoming: unknown): unknown {
  if (present === null || present === undefined) return incoming
  if (incoming === null || incoming === undefined) return present
  if (Array.isArray(present) && Array.isArray(incoming) && present.length === incoming.length) {
    // A list of scalars may belong to a resolver, and must not be changed.
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
