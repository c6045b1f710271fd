/**
 * A scalar of any kind as JSON, the text that `JSON.stringify` gives it; null for null and for what JSON cannot say,
 * such as a function, which is what a key like `toString` yields that every object inherits. Throws a TypeError for a
 * bigint.
 */
export function jsonText(value: unknown): string | null {
  // One `typeof` comparison after the other is fast in V8; a `switch` over `typeof` compares strings.
  if (typeof value === 'string') return stringText(value)
  if (typeof value === 'number') return numberText(value)
  if (typeof value === 'boolean') return value ? 'true' : 'false'
  if (value === undefined || value === null || typeof value === 'function') return null
  return JSON.stringify(value) ?? null
}

/**
 * V8 caches the text of each number in a template. That is good for small integers, which come again; others only fill
 * the cache, and are cheaper by `JSON.stringify`.
 */
function numberText(value: number): string {
  return (value | 0) === value ? `${value}` : JSON.stringify(value)
}

/** Above this length the loop below costs more than what it saves. */
const maxLookedAt = 64

/** Most strings are short and need no escapes: quotes around them suffice. */
function stringText(value: string): string {
  if (value.length > maxLookedAt) return JSON.stringify(value)
  for (let i = 0; i < value.length; i++) {
    const unit = value.charCodeAt(i)
    // Control characters, the quote, the backslash, and halves of pairs, which may stand alone.
    if (unit < 0x20 || unit === 0x22 || unit === 0x5c || (unit >= 0xd800 && unit <= 0xdfff)) {
      return JSON.stringify(value)
    }
  }
  return `"${value}"`
}
