import { createHash } from 'node:crypto'
import { isMap } from '../../lib/isMap'

/** What is published, and by whom. */
export interface Publication {
  /** The rule set as canonical JSON. */
  readonly text: string
  readonly author: string
  readonly message: string
}

/** One version of the rules without its text, as in lists. */
export interface VersionInfo {
  /** From 1 on; never reused for another text, whatever happens to the store. */
  readonly number: number
  /** Of the text's UTF-8 bytes, in hexadecimal. */
  readonly sha256: string
  readonly author: string
  /** When it was published, in ISO 8601. */
  readonly time: string
  readonly message: string
}

/** One immutable, numbered version of all routing rules. */
export interface RuleSetVersion extends VersionInfo {
  readonly text: string
}

export function sha256Of(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

export function infoOf({ number, sha256, author, time, message }: VersionInfo): VersionInfo {
  return { number, sha256, author, time, message }
}

export function isVersionInfo(value: unknown): value is VersionInfo {
  if (!isMap(value) || !Number.isSafeInteger(value['number'])) return false
  return ['sha256', 'author', 'time', 'message'].every((key) => typeof value[key] === 'string')
}
