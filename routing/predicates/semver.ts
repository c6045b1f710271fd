import { Range, SemVer, validRange } from 'semver'

/** Versions that were read before; a service sees few, but a header may hold anything. */
const maxVersions = 10_000
const versions = new Map<string, SemVer | undefined>()

/** A range longer than any that a person writes. */
const maxLength = 1000

/** Whether a text is a range of the npm package `semver`. */
export function isRange(text: string): boolean {
  return text.length <= maxLength && validRange(text) !== null
}

/** Whether a text is a version within the range, as the npm package `semver` decides; what is no version is not. */
export function compileSemver(operand: string): (value: unknown) => boolean {
  const range = new Range(operand)
  return (value) => {
    if (typeof value !== 'string') return false
    const version = versions.get(value) ?? readVersion(value)
    return version !== undefined && range.test(version)
  }
}

function readVersion(text: string): SemVer | undefined {
  if (versions.has(text)) return undefined
  let version: SemVer | undefined
  try {
    version = new SemVer(text)
  } catch {
    version = undefined
  }
  if (versions.size >= maxVersions) versions.clear()
  versions.set(text, version)
  return version
}
