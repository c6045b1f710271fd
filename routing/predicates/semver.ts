/** Longer than any range that a person writes. */
const maxLength = 1000

/** The most cached answers per range. Without the cache, the comparison would dominate a decision. */
const maxAnswers = 1000

/** Whether a text is a range of the npm package `semver`. */
export function isRange(text: string): boolean {
  return text.length <= maxLength && library().validRange(text) !== null
}

/** Whether a text is a version within the range, by the npm package `semver`; false if it is not a version. */
export function compileSemver(operand: string): (value: unknown) => boolean {
  const range = new (library().Range)(operand)
  const answers = new Map<string, boolean>()
  return (value) => {
    // No version is longer, and clients must not be able to fill the memory.
    if (typeof value !== 'string' || value.length > 256) return false
    const before = answers.get(value)
    if (before !== undefined) return before
    const answer = range.test(value)
    if (answers.size >= maxAnswers) answers.clear()
    answers.set(value, answer)
    return answer
  }
}

/** Loaded on demand: the package has many files, and many deployments compare no versions. */
function library(): typeof import('semver') {
  return require('semver')
}
