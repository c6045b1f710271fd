import { show } from '../../lib/errors'
import { nearMiss } from '../../lib/files/nearMiss'
import { keyText } from '../../lib/files/shapeProblems'
import { type Context, contextValue } from '../../lib/request/clientRequest'
import type { KnownNames } from './knownNames'

type KnownKeys = Pick<KnownNames, 'contextKeys' | 'contextTypes'>

/**
 * Reads a hand-written context in the same way as the gateway reads headers. Values are strings unless a key is
 * declared as number or boolean; then strings are parsed as JSON, and values of other types count as absent. So do
 * empty ones, but not without a deployment: the contract of rules has them.
 */
export function readContext(
  written: Readonly<Record<string, unknown>>,
  { contextKeys, contextTypes }: KnownKeys,
): Context {
  const entries = Object.entries(written).map(([key, value]) => {
    const isAbsent = value === '' && contextKeys !== undefined
    return [key, isAbsent ? undefined : contextValue(value, contextTypes.get(key) ?? 'string')] as const
  })
  return Object.fromEntries(
    entries.filter((entry): entry is [string, Context[string]] => entry[1] !== undefined),
  )
}

/**
 * The first problem with a context that a person wrote: an undeclared key, if the declared ones are known, or a value that is
 * not of its key's type. A text is never a problem, since a header may hold any.
 */
export function contextProblem(
  written: Readonly<Record<string, unknown>>,
  { contextKeys, contextTypes }: KnownKeys,
): string | undefined {
  for (const [key, value] of Object.entries(written)) {
    if (contextKeys?.has(key) === false)
      return `must have keys of the configuration, got ${keyText(key)}${nearMiss(key, contextKeys)}`
    if (value === null || value === undefined || typeof value === 'string') continue
    const type = contextTypes.get(key) ?? 'string'
    // Several of them read as the same number, which would be another unit.
    if (type === 'string' && Number.isInteger(value) && !Number.isSafeInteger(value))
      return `${keyText(key)} must be written as text if it is a whole number beyond 2^53 - 1, got ${show(value)}`
    if (contextValue(value, type) === undefined)
      return `${keyText(key)} must be ${expected[type]}, got ${show(value)}`
  }
  return undefined
}

const expected = { string: 'text', number: 'a number', boolean: 'true or false' }
