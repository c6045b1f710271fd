/**
 * The canonical JSON of a value: keys sorted by their UTF-16 code units, no spaces. Equal rule sets have equal texts,
 * and so equal hashes, however they were written. As in `JSON.stringify`, keys with an undefined value are left out.
 * Throws a TypeError for values that JSON cannot express (NaN, a function, a bigint), and a RangeError for a cycle or
 * thousands of levels.
 */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).filter(([, inner]) => inner !== undefined)
    entries.sort(([one], [other]) => (one < other ? -1 : 1))
    return `{${entries.map(([key, inner]) => `${JSON.stringify(key)}:${canonicalJson(inner)}`).join(',')}}`
  }
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return JSON.stringify(value)
  if (typeof value === 'number' && Number.isFinite(value)) return JSON.stringify(value)
  throw new TypeError(`must be a value of JSON, got ${typeof value === 'number' ? value : typeof value}`)
}
