/**
 * A unit in the form that is hashed; numbers as JSON writes them. Empty if there is no unit: absent, null, the empty
 * string, a list.
 */
export function unitText(value: unknown): string {
  if (typeof value === 'string') return value
  return Number.isFinite(value) || typeof value === 'boolean' ? String(value) : ''
}
