import { memoizedUpTo } from '../../lib/memoized'

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
  const answer = memoizedUpTo(maxAnswers, (version: string) => range.test(version))
  // No version is longer, and clients must not be able to fill the memory.
  return (value) => typeof value === 'string' && value.length <= 256 && answer(value)
}

/** Loaded on demand: the package has many files, and many deployments compare no versions. */
function library(): typeof import('semver') {
  return require('semver')
}
