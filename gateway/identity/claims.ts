import type { Claims } from './tokenVerifier'

/** The claim of this name; if there is none, the one at this dotted path, such as `realm_access.roles`. */
export function claimAt(claims: Claims, name: string): unknown {
  if (Object.hasOwn(claims, name)) return claims[name]
  let value: unknown = claims
  for (const key of name.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined
    value = (value as Record<string, unknown>)[key]
  }
  return value
}

/** A claim that lists names: as a list, or as text separated by spaces. */
export function namesAt(claims: Claims, name: string): readonly unknown[] {
  const value = claimAt(claims, name)
  if (Array.isArray(value)) return value
  return typeof value === 'string' ? value.split(/\s+/) : []
}

/** The token's subject, cut if it is long; null if the token has none. */
export function subjectOf({ sub }: Claims): string | null {
  return typeof sub === 'string' && sub !== '' ? sub.slice(0, 255) : null
}
