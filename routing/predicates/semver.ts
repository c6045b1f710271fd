import type { Range, SemVer } from 'semver'

/** Longer than any range that a person writes. */
const maxLength = 1000

/** Caches of parsed texts. Their size is bounded, since a header may contain anything. */
const ranges = new Map<string, Range | undefined>()
const versions = new Map<string, SemVer | undefined>()
const maxRead = 10_000
/** The most cached answers per range. Without the cache, the comparison would dominate a decision. */
const maxAnswers = 1000

/** Whether a text is a range of the npm package `semver`. */
export function isRange(text: string): boolean {
  return text.length <= maxLength && readRange(text) !== undefined
}

/** Whether a text is a version within the range, by the npm package `semver`; false if it is not a version. */
export function compileSemver(operand: string): (value: unknown) => boolean {
  const range = readRange(operand)!
  const answers = new Map<string, boolean>()
  return (value) => {
    // No version is longer, and clients must not be able to fill the memory.
    if (typeof value !== 'string' || value.length > 256) return false
    const before = answers.get(value)
    if (before !== undefined) return before
    const version = readVersion(value)
    const answer = version !== undefined && range.test(version)
    if (answers.size >= maxAnswers) answers.clear()
    answers.set(value, answer)
    return answer
  }
}

function readRange(text: string): Range | undefined {
  return remembered(ranges, text, () => new (library().Range)(text))
}

function readVersion(text: string): SemVer | undefined {
  return remembered(versions, text, () => new (library().SemVer)(text))
}

/** Loaded on demand: the package has many files, and many deployments compare no versions. */
function library(): typeof import('semver') {
  return require('semver')
}

/** Undefined for text that does not parse. */
function remembered<T>(known: Map<string, T | undefined>, text: string, read: () => T): T | undefined {
  const before = known.get(text)
  if (before !== undefined || known.has(text)) return before
  let value: T | undefined
  try {
    value = read()
  } catch {
    value = undefined
  }
  if (known.size >= maxRead) known.clear()
  known.set(text, value)
  return value
}
