import type { Column } from '../../lib/column'
import type { Context } from '../../lib/request/clientRequest'
import type { Bucketer } from '../bucketing/bucketer'
import type { Decision } from '../ruleSet/router'
import type { FixedOutcome } from './fixedOutcome'
import type { Outcome } from './outcome'

/** An experiment or a canary: the unit's bucket determines which version answers. */
export class DrawnOutcome implements Outcome {
  constructor(
    private readonly bucketer: Bucketer,
    /** The end of each version's range of buckets; the last one is the total number of buckets. */
    private readonly ends: readonly number[],
    private readonly versions: readonly FixedOutcome[],
    /** Decides if there is no unit. */
    private readonly withoutUnit: Outcome,
  ) {}

  decide(isWithoutUnit: boolean, context: Context, columns: readonly Column[], row: number): Decision {
    const bucket = this.bucketer.bucket(context, columns, row)
    if (bucket < 0) return this.withoutUnit.decide(true, context, columns, row)
    let at = 0
    while (bucket >= this.ends[at]) at++
    return this.versions[at].decide(isWithoutUnit, context, columns, row, bucket)
  }
}
