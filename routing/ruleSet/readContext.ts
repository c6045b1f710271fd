import { nearMiss } from '../../lib/files/nearMiss'
import { keyText } from '../../lib/files/shapeProblems'
import { readJson } from '../../lib/readJson'
import type { Context } from '../../lib/request/clientRequest'
import type { ContextType, KnownNames } from './knownNames'

/**
 * Reads a hand-written context in the same way as the gateway reads headers. Values are strings unless a key is
 * declared as number or boolean; then strings are parsed as JSON, and values of other types count as absent.
 */
export function readContext(
  written: Readonly<Record<string, unknown>>,
  types: ReadonlyMap<string, ContextType>,
): Context {
  const entries = Object.entries(written).map(
    ([key, value]) => [key, readValue(value, types.get(key))] as const,
  )
  return Object.fromEntries(
    entries.filter((entry): entry is [string, Context[string]] => entry[1] !== undefined),
  )
}

/** The problem with the first undeclared key of a context that a person wrote; undefined if all keys are declared. */
export function undeclaredKey(
  written: Readonly<Record<string, unknown>>,
  { contextKeys }: Pick<KnownNames, 'contextKeys'>,
): string | undefined {
  const key = Object.keys(written).find((name) => contextKeys?.has(name) === false)
  if (key === undefined || contextKeys === undefined) return undefined
  return `must have keys of the configuration, got ${keyText(key)}${nearMiss(key, contextKeys)}`
}

function readValue(value: unknown, type: ContextType = 'string'): Context[string] | undefined {
  if (type === 'string') {
    if (typeof value === 'string') return value
    // Ids are often written as numbers, and mean the same.
    return Number.isFinite(value) || typeof value === 'boolean' ? String(value) : undefined
  }
  const read = typeof value === 'string' ? readJson(value) : value
  if (type === 'boolean') return typeof read === 'boolean' ? read : undefined
  return typeof read === 'number' && Number.isFinite(read) ? read : undefined
}
