import type { Column } from '../../lib/column'
import { invariant } from '../../lib/invariant'
import type { Context } from '../../lib/request/clientRequest'
import { bucketOf } from '../bucketing/bucket'
import { type MurmurPrefix, murmurPrefix } from '../bucketing/murmur3'
import { compileRead, type ReadValue } from '../predicates/readValue'
import type { ObjectiveContract } from '../ruleSet/knownNames'
import { readUnit } from '../ruleSet/reference'

/** Draws units into buckets under one salt. */
export class UnitDraw {
  private readonly read: ReadValue | undefined
  private readonly salt: MurmurPrefix

  constructor(salt: string, unit: string | undefined, contract: ObjectiveContract) {
    this.salt = murmurPrefix(`${salt}:`)
    this.read = unitReader(unit ?? contract.unit, contract)
  }

  /** The bucket, or -1 where there is no unit to draw. */
  bucket(context: Context, columns: readonly Column[], row: number): number {
    if (this.read === undefined) return -1
    const unit = unitText(this.read(context, columns, row))
    return unit === '' ? -1 : bucketOf(this.salt, unit)
  }
}

/** A unit as it is hashed: numbers as JSON writes them. Empty for what is none: absent, null, the empty string, a list. */
export function unitText(value: unknown): string {
  if (typeof value === 'string') return value
  return Number.isFinite(value) || typeof value === 'boolean' ? String(value) : ''
}

function unitReader(unit: string | undefined, contract: ObjectiveContract): ReadValue | undefined {
  if (unit === undefined) return undefined
  const reference = readUnit(unit)
  invariant(reference, `unchecked unit ${unit}`)
  return compileRead(reference, contract)
}
