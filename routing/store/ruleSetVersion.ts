import { createHash } from 'node:crypto'
import { z } from 'zod'

/** What is published, and by whom. */
export interface Publication {
  /** The rule set as canonical JSON. */
  readonly text: string
  readonly author: string
  readonly message: string
}

const infoShape = z.object({
  /** From 1 on; never reused for another text, whatever happens to the store. */
  number: z.int().min(1),
  /** Of the text's UTF-8 bytes, in hexadecimal. */
  sha256: z.string(),
  author: z.string(),
  /** When it was published, in ISO 8601. */
  time: z.string(),
  message: z.string(),
})

export const versionShape = infoShape.extend({ text: z.string() })

/** One version of the rules without its text, as in lists. */
export type VersionInfo = Readonly<z.infer<typeof infoShape>>

/** One immutable, numbered version of all routing rules. */
export type RuleSetVersion = Readonly<z.infer<typeof versionShape>>

export function sha256Of(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

export function infoOf({ number, sha256, author, time, message }: VersionInfo): VersionInfo {
  return { number, sha256, author, time, message }
}

export function isVersionInfo(value: unknown): value is VersionInfo {
  return infoShape.safeParse(value).success
}
