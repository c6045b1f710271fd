import type { Thing, Values } from './graph'

/** An entity. Its id is its key, so ids must be unlike those of other types. */
export function entity(__typename: string, id: string, data: Values): Thing {
  return { __typename, key: id, id, ...data }
}

/** A value inside of another thing. */
export function part(__typename: string, of: Thing, place: string | number, data: Values): Thing {
  return { __typename, key: `${of.key}/${place}`, ...data }
}

/** Looks things up by their keys; null for null and for what is not there. */
export function lookup(things: readonly Thing[]): {
  readonly one: (key: unknown) => Thing | null
  readonly all: (keys: unknown) => (Thing | null)[] | null
} {
  const byKey = new Map(things.map((thing) => [thing.key, thing]))
  const one = (key: unknown) => byKey.get(String(key)) ?? null
  return { one, all: (keys) => (Array.isArray(keys) ? keys.map(one) : null) }
}

/** Arguments as text: what a resolver was given, for all to see. A bigint is written as its digits. */
export function show(value: unknown): string {
  return JSON.stringify(value, (_, inner) => (typeof inner === 'bigint' ? `${inner}n` : inner)) ?? 'nothing'
}
