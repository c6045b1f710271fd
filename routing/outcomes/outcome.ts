import type { Context } from '../../lib/clientRequest'
import type { Column } from '../../lib/column'
import type { Decision } from '../router'
import type { Drawn, ShadowDraws } from './shadowDraws'

/** What of a decision is known when rules are compiled. */
export type Parts = Pick<
  Decision,
  'objective' | 'model' | 'shard' | 'reason' | 'rule' | 'experiment' | 'cell'
>

const noUnit: readonly 'NO_UNIT'[] = Object.freeze(['NO_UNIT'] as const)

/**
 * One way to answer: which version, where and why. Decisions that differ in nothing are one frozen object; only those that
 * tell a bucket are made each for itself.
 */
export class Outcome {
  private readonly kept: (Decision | undefined)[] = []

  constructor(
    private readonly parts: Parts,
    private readonly shadows: ShadowDraws,
  ) {}

  /** `bucket`: -1 where none is told. `isWithoutUnit`: whether something before the shadows had no unit to draw by. */
  decide(
    bucket: number,
    isWithoutUnit: boolean,
    context: Context,
    columns: readonly Column[],
    row: number,
  ): Decision {
    const drawn = this.shadows.draw(context, columns, row)
    const isFlagged = isWithoutUnit || drawn.isWithoutUnit
    if (bucket >= 0) return withBucket(this.parts, bucket, drawn.shadows, isFlagged)
    if (drawn.id < 0) return this.make(drawn, isFlagged)
    const place = drawn.id * 2 + (isFlagged ? 1 : 0)
    return this.kept[place] ?? this.keep(place, drawn, isFlagged)
  }

  private keep(place: number, drawn: Drawn, isFlagged: boolean): Decision {
    const decision = this.make(drawn, isFlagged)
    this.kept[place] = decision
    return decision
  }

  private make({ shadows }: Drawn, isFlagged: boolean): Decision {
    return Object.freeze({ ...this.parts, ...(shadows && { shadows }), ...(isFlagged && { flags: noUnit }) })
  }
}

type Written = { -readonly [key in keyof Decision]: Decision[key] }

/** Written out by the keys that there are, since an object that is born whole is made several times as fast. */
function withBucket(
  { objective, model, shard, reason, rule, experiment, cell }: Parts,
  bucket: number,
  shadows: readonly string[] | undefined,
  isFlagged: boolean,
): Decision {
  let decision: Written
  if (experiment === undefined) {
    if (rule === undefined) {
      decision =
        shadows === undefined
          ? { objective, model, shard, reason, bucket }
          : { objective, model, shard, reason, bucket, shadows }
    } else {
      decision =
        shadows === undefined
          ? { objective, model, shard, reason, rule, bucket }
          : { objective, model, shard, reason, rule, bucket, shadows }
    }
  } else if (rule === undefined) {
    decision =
      shadows === undefined
        ? { objective, model, shard, reason, experiment, cell, bucket }
        : { objective, model, shard, reason, experiment, cell, bucket, shadows }
  } else {
    decision =
      shadows === undefined
        ? { objective, model, shard, reason, rule, experiment, cell, bucket }
        : { objective, model, shard, reason, rule, experiment, cell, bucket, shadows }
  }
  if (isFlagged) decision.flags = noUnit
  return decision
}
