/**
 * A function made from source text, which sees `values` under their names. Undefined in a process that allows no code from
 * strings (`--disallow-code-generation-from-strings`): whoever calls has a slower way then. Nothing of a client's may
 * stand in the text but names of GraphQL, which are letters, digits and underscores.
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
 * So many fields at most are written out as code; more of them are read one by one. To make the code takes some 10 µs a field, and the engine
 * optimises what runs often on another thread, in a time that grows much faster than the function: for one of a thousand fields it may be minutes.
 */
export const maxGenerated = 100
