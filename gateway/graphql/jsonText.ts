/**
 * A scalar as JSON, equal to `JSON.stringify`. Null for null and for values without JSON: a function, for instance, is
 * what an inherited key such as `toString` yields. Throws a TypeError for a bigint.
 */
export function jsonText(value: unknown): string | null {
  // A chain of `typeof` comparisons is fast in V8; a `switch` over `typeof` compares strings.
  if (typeof value === 'string') return stringText(value)
  if (typeof value === 'number') return numberText(value)
  if (typeof value === 'boolean') return value ? 'true' : 'false'
  if (value === undefined || value === null || typeof value === 'function') return null
  return JSON.stringify(value) ?? null
}

/**
 * V8 caches the text of each number in a template literal. That helps with small integers, which recur; other numbers
 * would only fill the cache, so `JSON.stringify` is cheaper.
 */
function numberText(value: number): string {
  return (value | 0) === value ? `${value}` : JSON.stringify(value)
}

/** Above this length the loop below costs more than it saves. */
const maxLookedAt = 64

/** Most strings are short and need no escapes, only quotes around them. */
function stringText(value: string): string {
  if (value.length > maxLookedAt) return JSON.stringify(value)
  for (let i = 0; i < value.length; i++) {
    const unit = value.charCodeAt(i)
    // Control characters, the quote, the backslash, and surrogates, which may be unpaired.
    if (unit < 0x20 || unit === 0x22 || unit === 0x5c || (unit >= 0xd800 && unit <= 0xdfff)) {
      return JSON.stringify(value)
    }
  }
  return `"${value}"`
}
