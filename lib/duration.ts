import { z } from 'zod'

const units: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000 }

/** A duration as configuration writes it (`200ms`, `1s`, `2m`), in milliseconds; undefined if it does not read so. */
export function parseDuration(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m)$/.exec(text)
  return match ? Number(match[1]) * units[match[2]] : undefined
}

/** A duration in a YAML file, parsed to milliseconds. */
export const durationSchema = z.string().transform((text, context) => {
  const ms = parseDuration(text)
  if (ms === undefined) {
    context.addIssue({ code: 'custom', message: 'must be a duration such as 200ms, 1s or 2m' })
    return z.NEVER
  }
  return ms
})
