import type { Column } from '../../lib/column'
import type { Context } from '../../lib/request/clientRequest'
import { Bucketer, percentBuckets } from '../bucketing/bucketer'
import type { ObjectiveContract } from '../ruleSet/knownNames'
import type { Shadow } from '../ruleSet/ruleSet'

/** The shadows that were drawn for one request or row. */
export interface ShadowSample {
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
      if (model === answering) continue
      const bucket = bucketer.bucket(context, columns, row)
      if (bucket < 0) isWithoutUnit = true
      else if (bucket < below) {
        models.push(model)
        id |= 1 << at
      }
    }
    return { models, isWithoutUnit, id: this.draws.length > maxNumbered ? -1 : id }
  }
}
