/**
 * The one way to write a value as JSON: keys sorted by their UTF-16 code units, no spaces. Equal rule sets have equal texts, and so
 * equal hashes, however they were written. As in `JSON.stringify`, a key whose value is undefined is left out. Throws a TypeError on
 * what JSON cannot say (NaN, a function, a bigint), and a RangeError on a cycle or thousands of levels.
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
