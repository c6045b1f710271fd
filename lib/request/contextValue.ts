import { readJson } from '../readJson'
import type { Context } from './clientRequest'

/** The declared type of a context key. */
export type ContextType = 'string' | 'number' | 'boolean'

/**
 * A context value as the type of its key has it: text for a number or boolean is read as JSON, and ids that were
 * written as numbers become text. Undefined, which is absent, for what does not read so.
 */
export function contextValue(value: unknown, type: ContextType): Context[string] | undefined {
  if (type === 'string') {
    if (typeof value === 'string') return value
    return Number.isFinite(value) || typeof value === 'boolean' ? String(value) : undefined
  }
  const read = typeof value === 'string' ? readJson(value) : value
  if (type === 'boolean') return typeof read === 'boolean' ? read : undefined
  // JSON.parse reads 1e999 as Infinity, which is no number of JSON.
  return typeof read === 'number' && Number.isFinite(read) ? read : undefined
}
