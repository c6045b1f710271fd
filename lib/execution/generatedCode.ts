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
