/** A unit as it is hashed: numbers as JSON writes them. Empty for what is none: absent, null, the empty string, a list. */
export function unitText(value: unknown): string {
  if (typeof value === 'string') return value
  return Number.isFinite(value) || typeof value === 'boolean' ? String(value) : ''
}
