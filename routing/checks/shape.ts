import { show } from '../../lib/errors'
import { didYouMean } from '../../lib/files/nearMiss'
import { notAKey } from '../../lib/files/shapeProblems'
import { isMap } from '../../lib/isMap'
import { below, type RuleProblems } from '../ruleSet/problems'

const mostSuggested = 100

export type Entries = Readonly<Record<string, unknown>>

/** A map's own entry, never an inherited one. */
export function own(map: Entries, key: string): unknown {
  return Object.hasOwn(map, key) ? map[key] : undefined
}

/**
 * Refuses a value that is not a map, keys that are not in `required` or `optional`, and missing required keys. Returns
 * the map, even if its keys are wrong.
 */
export function checkKeys(
  value: unknown,
  path: string,
  { required, optional = [] }: { required: readonly string[]; optional?: readonly string[] },
  found: RuleProblems,
): Entries | undefined {
  const keys = [...required, ...optional]
  if (!isMap(value)) {
    found.refuse(path, `must be a map with the keys ${keys.join(', ')}, got ${show(value)}`)
    return undefined
  }
  for (const key of Object.keys(value)) {
    if (keys.includes(key) || key === '__proto__') continue
    // Of so many nobody reads what was meant.
    const meant = found.problems.length < mostSuggested ? didYouMean(key, keys) : ''
    found.refuse(below(path, key), `${notAKey(keys)}${meant}`)
  }
  for (const key of required) {
    if (own(value, key) === undefined) found.refuse(below(path, key), 'must be given, got nothing')
  }
  return value
}

/** A map with arbitrary names; empty if the value is absent. */
export function checkNamed(value: unknown, path: string, what: string, found: RuleProblems): Entries {
  if (isMap(value)) {
    // `__proto__` is refused elsewhere; later code must not meet it.
    if (!Object.hasOwn(value, '__proto__')) return value
    return Object.fromEntries(Object.entries(value).filter(([key]) => key !== '__proto__'))
  }
  if (value !== undefined) found.refuse(path, `must be a map from names to ${what}, got ${show(value)}`)
  return {}
}

export function checkList(
  value: unknown,
  path: string,
  what: string,
  found: RuleProblems,
): readonly unknown[] {
  if (Array.isArray(value)) return value
  if (value !== undefined) found.refuse(path, `must be a list of ${what}, got ${show(value)}`)
  return []
}

/** A text that is not empty. If it is required, its absence was reported before. */
export function checkText(value: unknown, path: string, found: RuleProblems): string | undefined {
  if (typeof value === 'string' && value !== '') return value
  if (value !== undefined) found.refuse(path, `must be text that is not empty, got ${show(value)}`)
  return undefined
}

/** Refuses a name that occurs earlier in the list, at its later place. */
export function checkUnique(list: readonly unknown[], path: string, found: RuleProblems): void {
  const seen = new Map<string, number>()
  list.forEach((one, at) => {
    const name = isMap(one) ? own(one, 'name') : undefined
    if (typeof name !== 'string') return
    const first = seen.get(name)
    if (first === undefined) seen.set(name, at)
    else
      found.refuse(below(below(path, at), 'name'), `must differ from the name at ${first}, got ${show(name)}`)
  })
}
