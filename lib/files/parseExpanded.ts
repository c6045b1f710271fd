import type { z } from 'zod'
import { expandAll } from './expandVariables'
import { type PlaceOf, parseShape, shapeProblems, valueAt } from './shapeProblems'

/**
 * Checks a value as `parseShape` does, after `expandAll` has replaced the variables in its texts. A text that is one
 * variable and nothing else may also stand for a number, or for true or false, where the shape asks for one.
 */
export function parseExpanded<T>(shape: z.ZodType<T>, value: unknown, file: string, place: PlaceOf): T {
  const expanded = expandAll(value, place)
  const { success, data, error } = shape.safeParse(expanded)
  if (success) return data
  for (const { path } of shapeProblems(error.issues, expanded)) {
    // A whole file is no scalar.
    if (path.length === 0 || !isVariable(valueAt(value, path))) continue
    const map = valueAt(expanded, path.slice(0, -1)) as Record<PropertyKey, unknown>
    const key = path[path.length - 1]
    map[key] = scalarOf(String(map[key]))
  }
  return parseShape(shape, expanded, file, place)
}

function isVariable(value: unknown): boolean {
  return typeof value === 'string' && /^\$\{[^}]*\}$/.test(value)
}

function scalarOf(text: string): unknown {
  if (text === 'true' || text === 'false') return text === 'true'
  return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text
}
