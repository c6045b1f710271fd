import type { Column } from '../../lib/column'
import { invariant } from '../../lib/invariant'
import type { Context } from '../../lib/request/clientRequest'
import { compileRead, type ReadValue } from '../predicates/readValue'
import type { ObjectiveContract } from '../ruleSet/knownNames'
import { readUnit } from '../ruleSet/reference'
import { bucketOf } from './bucket'
import { type MurmurPrefix, murmurPrefix } from './murmur3'
import { unitText } from './unitText'

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
