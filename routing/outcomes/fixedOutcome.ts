import type { Column } from '../../lib/column'
import type { Context } from '../../lib/request/clientRequest'
import type { Decision } from '../ruleSet/router'
import type { Outcome } from './outcome'
import type { ShadowSample, ShadowSampler } from './shadowSampler'

/** One version that answers. A decision without a bucket is frozen and cached: the same object each time. */
export class FixedOutcome implements Outcome {
  /** By shadows and flag. */
  private kept: (Decision | undefined)[] | undefined

  constructor(
    /** The decision without bucket, shadows and flag. */
    private readonly plain: Decision,
    private readonly shadows: ShadowSampler | undefined,
  ) {
    Object.freeze(plain)
  }

  /** `bucket` is the one that was drawn before, if any. */
  decide(
    isWithoutUnit: boolean,
    context: Context,
    columns: readonly Column[],
    row: number,
    bucket?: number,
  ): Decision {
    const { plain, shadows } = this
    const sample = shadows === undefined ? noShadows : shadows.sample(plain.model, context, columns, row)
    const isFlagged = isWithoutUnit || sample.isWithoutUnit
    if (bucket !== undefined || sample.id < 0) return extend(plain, bucket, sample, isFlagged)
    const place = 2 * sample.id + (isFlagged ? 1 : 0)
    if (place === 0) return plain
    this.kept ??= []
    this.kept[place] ??= Object.freeze(extend(plain, bucket, sample, isFlagged))
    return this.kept[place]
  }
}

const noShadows: ShadowSample = { models: [], isWithoutUnit: false, id: 0 }
const noUnit: readonly 'NO_UNIT'[] = Object.freeze(['NO_UNIT'] as const)

/** Property by property, which is much faster than a spread. */
function extend(
  { objective, model, shard, reason, rule, experiment, cell }: Decision,
  bucket: number | undefined,
  { models }: ShadowSample,
  isFlagged: boolean,
): Decision {
  const decision: { -readonly [key in keyof Decision]: Decision[key] } = { objective, model, shard, reason }
  if (rule !== undefined) decision.rule = rule
  if (experiment !== undefined) {
    decision.experiment = experiment
    decision.cell = cell
  }
  if (bucket !== undefined) decision.bucket = bucket
  if (models.length > 0) decision.shadows = Object.freeze(models)
  if (isFlagged) decision.flags = noUnit
  return decision
}
