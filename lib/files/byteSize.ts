import { z } from 'zod'

const error = 'must be a size such as 512MiB or 2GiB, or a whole number of bytes'
const units: Readonly<Record<string, number>> = { KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30 }

/** `512MiB`, `1.5GiB`, or a number of bytes; parsed to bytes. */
export const byteSize = z.union(
  [
    z.int({ error }).min(1, error),
    z
      .string({ error })
      .regex(/^\d+(\.\d+)?(KiB|MiB|GiB)$/, error)
      .transform((value) => Math.round(Number.parseFloat(value) * units[value.slice(-3)])),
  ],
  { error },
)

/** For people: 300 KiB, or 1.2 MiB; as exact as an estimate is. */
export function inUnits(bytes: number): string {
  if (bytes < units['KiB']) return bytes === 1 ? '1 byte' : `${bytes} bytes`
  // What would be rounded to 1,024 KiB is a MiB.
  const kib = Math.round(bytes / units['KiB'])
  return kib < 1024 ? `${kib} KiB` : `${(bytes / units['MiB']).toFixed(1)} MiB`
}

/** For people: in whole MiB. */
export function inMiB(bytes: number): string {
  return `${Math.round(bytes / units['MiB']).toLocaleString('en')} MiB`
}
