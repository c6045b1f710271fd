import type { Column } from '../../lib/column'
import { invariant } from '../../lib/invariant'
import type { Context } from '../../lib/request/clientRequest'
import { compileRead, type ReadValue } from '../predicates/readValue'
import type { ObjectiveContract } from '../ruleSet/knownNames'
import { readUnit } from '../ruleSet/reference'
import { type MurmurPrefix, murmur3From, murmurPrefix } from './murmur3'

/** Assigns the units of requests and rows to buckets, under one salt. */
export class Bucketer {
  private readonly read: ReadValue | undefined
  private readonly salt: MurmurPrefix

  /** `unit` says where to read the unit; by default, where the objective says. */
  constructor(
    { salt, unit }: { readonly salt: string; readonly unit?: string },
    contract: ObjectiveContract,
  ) {
    this.salt = murmurPrefix(`${salt}:`)
    this.read = unitReader(unit ?? contract.unit, contract)
  }

  /** The bucket, or -1 if there is no unit. */
  bucket(context: Context, columns: readonly Column[], row: number): number {
    if (this.read === undefined) return -1
    const unit = unitText(this.read(context, columns, row))
    return unit === '' ? -1 : bucketOf(this.salt, unit)
  }
}

function unitReader(unit: string | undefined, contract: ObjectiveContract): ReadValue | undefined {
  if (unit === undefined) return undefined
  const reference = readUnit(unit)
  invariant(reference, `unchecked unit ${unit}`)
  return compileRead(reference, contract)
}

/** The number of buckets for units. A percentage with four decimals is a whole number of buckets. */
export const totalBuckets = 1_000_000

/** How many buckets a percentage covers: those below this number. */
export function percentBuckets(percent: number): number {
  return Math.round(percent * (totalBuckets / 100))
}

/** The end of each of several consecutive ranges. Integers are added, so that rounding errors do not add up. */
export function rangeEnds(ranges: readonly { readonly percent: number }[]): readonly number[] {
  let end = 0
  return ranges.map(({ percent }) => {
    end += percentBuckets(percent)
    return end
  })
}

/** The bucket of a unit, given the hash of the salt so far. */
export function bucketOf(salt: MurmurPrefix, unit: string): number {
  return Math.floor((murmur3From(salt, unit) * totalBuckets) / 2 ** 32)
}

/** A unit as it is hashed; numbers as JSON writes them. Empty for none: absent, null, empty text or a list. */
export function unitText(value: unknown): string {
  if (typeof value === 'string') return value
  return Number.isFinite(value) || typeof value === 'boolean' ? String(value) : ''
}
