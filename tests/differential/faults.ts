import { GraphQLError } from 'graphql'
import type { Trial } from './trial'

/** How a field may misbehave; `late` answers rightly, but not at once. */
type Fault = 'none' | 'late' | 'null' | 'throw' | 'coded' | 'lateThrow'

/**
 * What a field may do. `key`: keys must be right, or a gateway cannot go on from there, and nothing says what it owes then. `required`:
 * may be null if its type says so, but must not fail, since what a failed input does to who requires it is each gateway's own choice.
 */
export type Hardness = 'any' | 'required' | 'key'

/** Which faults occur with a seed, chosen by its remainder, so that each kind is also met alone. */
const mixes: readonly (readonly Fault[])[] = [
  ['late', 'null', 'throw', 'coded', 'lateThrow'],
  ['late'],
  ['null', 'late'],
  ['throw', 'coded'],
  ['coded', 'lateThrow'],
]
const rates = [0.05, 0.15, 0.4]

/** The value of a field, or what the seed makes of it; the same for the same field of the same thing with the same arguments. */
export function faulty(
  trial: Trial,
  hardness: Hardness,
  field: string,
  key: string,
  args: Readonly<Record<string, unknown>>,
  resolve: () => unknown,
): unknown {
  const { faultSeed: seed } = trial
  switch (faultOf(seed, hardness, field, key, args)) {
    case 'none':
      return resolve()
    case 'late':
      return later(seed, resolve)
    case 'null':
      return null
    case 'throw':
      throw new Error(`${field} of ${key} is broken`)
    case 'coded':
      throw codedError(trial, field, key)
    case 'lateThrow':
      return later(seed, () => {
        throw codedError(trial, field, key)
      })
  }
}

/** Whether the field is null by a fault, for who evaluates it without executing it. */
export function isNulled(
  seed: number,
  hardness: Hardness,
  field: string,
  key: string,
  args: Readonly<Record<string, unknown>>,
): boolean {
  return faultOf(seed, hardness, field, key, args) === 'null'
}

function faultOf(
  seed: number,
  hardness: Hardness,
  field: string,
  key: string,
  args: Readonly<Record<string, unknown>>,
): Fault {
  if (seed === 0) return 'none'
  const hash = hashOf(seed, field, key, args)
  if (hash / 2 ** 32 >= rates[seed % rates.length]) return 'none'
  const mix = mixes[seed % mixes.length]
  const fault = mix[hash % mix.length]
  if (hardness === 'any' || fault === 'late') return fault
  return hardness === 'required' && fault === 'null' ? fault : 'none'
}

const trials = new WeakMap<Error, Trial>()

/** In which trial a field failed, for who finds the error somewhere; undefined for errors of other origin. */
export function trialOfFault(error: unknown): Trial | undefined {
  if (error instanceof GraphQLError && error.originalError) return trialOfFault(error.originalError)
  return error instanceof Error ? trials.get(error) : undefined
}

function codedError(trial: Trial, field: string, key: string): GraphQLError {
  const error = new GraphQLError(`${field} of ${key} failed`, {
    extensions: { code: `FAILED_${field.toUpperCase()}`, of: key },
  })
  trials.set(error, trial)
  return error
}

/** After a few microtasks or a turn of the event loop, which of them the seed says. */
async function later<T>(seed: number, resolve: () => T): Promise<T> {
  if (seed % 2 === 0) await new Promise(setImmediate)
  else for (let i = 0; i < seed % 7; i++) await undefined
  return resolve()
}

/** FNV-1a, with a last mixing since few characters differ. */
function hashOf(seed: number, field: string, key: string, args: Readonly<Record<string, unknown>>): number {
  let hash = (0x811c9dc5 ^ seed) | 0
  hash = addText(hash, field)
  hash = addText(hash, key)
  for (const name in args) {
    const value = args[name]
    hash = addText(addText(hash, name), typeof value === 'object' ? 'object' : String(value))
  }
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d)
  hash = Math.imul(hash ^ (hash >>> 12), 0x297a2d39)
  return (hash ^ (hash >>> 15)) >>> 0
}

function addText(hash: number, text: string): number {
  let mixed = hash
  for (let i = 0; i < text.length; i++) mixed = Math.imul(mixed ^ text.charCodeAt(i), 0x01000193)
  return Math.imul(mixed ^ 0xff, 0x01000193)
}
