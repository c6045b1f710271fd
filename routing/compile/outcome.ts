import type { Column } from '../../lib/column'
import type { Context } from '../../lib/request/clientRequest'
import { Bucketer, percentBuckets } from '../bucketing/bucketer'
import type { ObjectiveContract } from '../ruleSet/knownNames'
import type { Decision } from '../ruleSet/router'
import type { Shadow } from '../ruleSet/ruleSet'

/** The result of a rule, the default or an override: a version, or a draw between versions. */
export interface Outcome {
  /** `isWithoutUnit` says that an experiment on the way here had no unit to draw by. */
  decide(isWithoutUnit: boolean, context: Context, columns: readonly Column[], row: number): Decision
}

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

/** The shadows that were drawn for one request or row. */
interface ShadowSample {
  readonly models: readonly string[]
  /** Whether one of them had no unit to draw by. */
  readonly isWithoutUnit: boolean
  /** A small number for this combination of models, or -1 if there are too many combinations to number. */
  readonly id: number
}

/** The most shadows of one objective whose combinations are numbered. */
const maxNumbered = 8

/** Draws the shadows of an objective. */
export class ShadowSampler {
  private readonly draws: readonly {
    readonly bucketer: Bucketer
    readonly below: number
    readonly model: string
  }[]

  constructor(shadows: readonly Shadow[], contract: ObjectiveContract) {
    this.draws = shadows.map((shadow) => ({
      bucketer: new Bucketer(shadow, contract),
      below: percentBuckets(shadow.percent),
      model: shadow.model,
    }))
  }

  /** `answering` is the version that answers, which is never its own shadow. */
  sample(answering: string, context: Context, columns: readonly Column[], row: number): ShadowSample {
    const models: string[] = []
    let isWithoutUnit = false
    let id = 0
    for (let at = 0; at < this.draws.length; at++) {
      const { bucketer, below, model } = this.draws[at]
      const bucket = bucketer.bucket(context, columns, row)
      if (bucket < 0) isWithoutUnit = true
      else if (bucket < below && model !== answering) {
        models.push(model)
        id |= 1 << at
      }
    }
    return { models, isWithoutUnit, id: this.draws.length > maxNumbered ? -1 : id }
  }
}
