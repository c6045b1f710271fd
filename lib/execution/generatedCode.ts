/**
 * Makes a function from source text, which sees `values` under their names. Undefined in a process that allows no code
 * from strings (`--disallow-code-generation-from-strings`); callers then use a slower way. The only client-dependent
 * text may be GraphQL names, which consist of letters, digits and underscores.
 */
export function generateFunction<T>(values: Readonly<Record<string, unknown>>, body: string): T | undefined {
  try {
    return new Function(...Object.keys(values), body)(...Object.values(values)) as T
  } catch (error) {
    if (error instanceof EvalError) return undefined
    throw error
  }
}

/**
 * The most fields for which code is generated. Compiling the code takes time per field, and the time that V8
 * takes to optimize a function grows much faster than its size.
 */
export const maxGenerated = 100

/** Sets one key of an object of the answer. */
export type WriteKey = (target: Record<string, unknown>, value: unknown) => void

/**
 * Compiles the assignment of a key, which is a GraphQL name, merged with what the key has already. Generated code is
 * much faster here: V8 optimizes `object.name`, but not `object[name]` at a site that sees many names.
 */
export function compileMergeKey(
  key: string,
  merged: (present: unknown, incoming: unknown) => unknown,
): WriteKey {
  const written = generateFunction<WriteKey>(
    { merged },
    `return function mergeKey(target, value) {
      const present = target.${key}
      target.${key} = present === null ? value : merged(present, value)
    }`,
  )
  if (written !== undefined) return written
  return (target, value) => {
    target[key] = merged(target[key], value)
  }
}

/** Sets one key of an object of the answer to null if it has no value. */
export type ClearKey = (target: Record<string, unknown>) => void

export function compileClearKey(key: string): ClearKey {
  const written = generateFunction<ClearKey>(
    {},
    `return function clearKey(target) { target.${key} ??= null }`,
  )
  if (written !== undefined) return written
  return (target) => {
    target[key] ??= null
  }
}
