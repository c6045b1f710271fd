import type { Claims } from './tokenVerifier'

/** The claim of this name, or where there is none, the one that the dots lead to, such as `realm_access.roles`. */
export function claimAt(claims: Claims, name: string): unknown {
  if (Object.hasOwn(claims, name)) return claims[name]
  let value: unknown = claims
  for (const key of name.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined
    value = (value as Record<string, unknown>)[key]
  }
  return value
}

/** A claim that lists names: as a list, or as text with spaces between them. */
export function namesAt(claims: Claims, name: string): readonly unknown[] {
  const value = claimAt(claims, name)
  if (Array.isArray(value)) return value
  return typeof value === 'string' ? value.split(/\s+/) : []
}

/** Whom a token is about, its beginning where that is long; null where it does not say. */
export function subjectOf({ sub }: Claims): string | null {
  return typeof sub === 'string' && sub !== '' ? sub.slice(0, 255) : null
}
