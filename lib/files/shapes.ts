import { z } from 'zod'
import { notAKey } from './shapeProblems'

/** An object with exactly these keys. Other keys are refused with a message that lists the allowed ones. */
export function strictShape<S extends z.ZodRawShape>(shape: S) {
  const keys = Object.keys(shape)
  return z.strictObject(shape, {
    error: (issue) =>
      issue.code === 'unrecognized_keys' ? notAKey(keys) : `must be a map with the keys ${keys.join(', ')}`,
  })
}

export function namedShape<V extends z.ZodType>(value: V, what: string) {
  return z.record(name, value, { error: `must be a map from names to ${what}` })
}

/** A name of an input, output, feature or objective, restricted to what GraphQL allows. */
export const name = z
  .string({ error: 'must be a name' })
  .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'must be a name of letters, digits and _')

export const text = z.string({ error: 'must be text' }).trim().min(1, 'must not be empty')
export const finite = z.number({ error: 'must be a number' })
export const flag = z.boolean({ error: 'must be true or false' })

/** A whole number, at least `lowest`. */
export function whole(lowest: number) {
  const error = `must be a whole number from ${lowest} on`
  return z.int({ error }).min(lowest, error)
}

const portError = 'must be a whole number from 0 to 65535'

/** A port to listen on; 0 takes any that is free. */
export const port = z.int({ error: portError }).min(0, portError).max(65535, portError)

/** For `refine`: the port at the end of an address, if there is one, must be one that a server can have. */
export const serverPort = [
  (address: string): boolean => {
    const [, digits] = /:(\d+)$/.exec(address) ?? []
    return digits === undefined || (Number(digits) >= 1 && Number(digits) <= 65535)
  },
  'must have a port from 1 to 65535',
] as const

/** The name of a file in the folder of the file that names it. */
export const fileName = z
  .string({ error: 'must be the name of a file in this folder' })
  .regex(/^[A-Za-z0-9_][A-Za-z0-9._-]*$/, 'must be the name of a file in this folder')

const durationError = 'must be a duration in ms, s or m, such as 200ms, 1s or 2m'

/**
 * Twelve days. A timer can wait for two of them and half a day more, as for `worker.drain` and then `server.grace`; a
 * longer one would end at once.
 */
const longestMs = 12 * 24 * 3_600_000

/** `200ms`, `1.5s` or `2m`; `toMilliseconds` parses it. */
export const duration = z
  .string({ error: durationError })
  .regex(/^\d+(\.\d+)?(ms|s|m)$/, { error: durationError, abort: true })
  .refine((value) => toMilliseconds(value) <= longestMs, {
    error: `must be a duration of at most ${Math.floor(longestMs / 60_000)}m`,
    abort: true,
  })

/** Why a text is not a duration; undefined if it is one. */
export function durationProblem(value: unknown): string | undefined {
  return duration.safeParse(value).error?.issues[0].message
}

export function toMilliseconds(value: string): number {
  const unit = /[a-z]+$/.exec(value)?.[0]
  return Number.parseFloat(value) * (unit === 'ms' ? 1 : unit === 's' ? 1000 : 60_000)
}

export const milliseconds = duration.transform(toMilliseconds)

/** A duration where 0 would leave no time at all, or repeat something without a pause. */
export const positiveDuration = duration.refine((value) => toMilliseconds(value) > 0, {
  error: 'must be a duration above 0',
})
export const positiveMilliseconds = positiveDuration.transform(toMilliseconds)
