import type { Context } from '../../lib/clientRequest'
import type { Column } from '../../lib/column'
import type { Decision } from '../router'
import type { UnitDraw } from './draw'
import type { Outcome } from './outcome'

/** Where a rule or the default leads: to a version, or into an experiment. Asked for one request or row. */
export interface Lead {
  /** `isWithoutUnit`: whether an experiment on the way here had no unit to draw by. */
  decide(isWithoutUnit: boolean, context: Context, columns: readonly Column[], row: number): Decision
}

/** A version that no canary is about. */
export class VersionLead implements Lead {
  constructor(private readonly outcome: Outcome) {}

  decide(isWithoutUnit: boolean, context: Context, columns: readonly Column[], row: number): Decision {
    return this.outcome.decide(-1, isWithoutUnit, context, columns, row)
  }
}

/** A version that a percentage of units is moved away from. */
export class CanaryLead implements Lead {
  constructor(
    private readonly draw: UnitDraw,
    /** Buckets below this move. */
    private readonly below: number,
    private readonly stays: Outcome,
    private readonly moves: Outcome,
  ) {}

  decide(isWithoutUnit: boolean, context: Context, columns: readonly Column[], row: number): Decision {
    const bucket = this.draw.bucket(context, columns, row)
    if (bucket < 0) return this.stays.decide(-1, true, context, columns, row)
    const outcome = bucket < this.below ? this.moves : this.stays
    return outcome.decide(bucket, isWithoutUnit, context, columns, row)
  }
}

/** An experiment; no canary changes what its cells say. */
export class ExperimentLead implements Lead {
  constructor(
    private readonly draw: UnitDraw,
    /** Where each cell's range of buckets ends; the last one is a million. */
    private readonly ends: readonly number[],
    private readonly cells: readonly Outcome[],
    private readonly withoutUnit: Lead,
  ) {}

  decide(isWithoutUnit: boolean, context: Context, columns: readonly Column[], row: number): Decision {
    const bucket = this.draw.bucket(context, columns, row)
    if (bucket < 0) return this.withoutUnit.decide(true, context, columns, row)
    let cell = 0
    while (bucket >= this.ends[cell]) cell++
    return this.cells[cell].decide(bucket, isWithoutUnit, context, columns, row)
  }
}
