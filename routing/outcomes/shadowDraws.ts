import type { Column } from '../../lib/column'
import type { Context } from '../../lib/request/clientRequest'
import { percentBuckets } from '../bucketing/bucket'
import type { Shadow } from '../ruleSet/ruleSet'
import type { UnitDraw } from './draw'

/** Which shadows were drawn. */
export interface Drawn {
  /** Absent where there is none. */
  readonly shadows?: readonly string[]
  /** Whether one of them had no unit to draw by. */
  readonly isWithoutUnit: boolean
  /** A small number that stands for this combination beside this version, or -1 where there are too many to keep. */
  readonly id: number
}

/** The most shadows of one objective whose combinations are kept ready. */
const maxKept = 8

/** The shadows of an objective; a version is never its own. */
export class ShadowDraws {
  private readonly draws: readonly {
    readonly draw: UnitDraw
    readonly below: number
    readonly model: string
  }[]
  private readonly kept = new Map<string, (Drawn | undefined)[]>()

  constructor(shadows: readonly Shadow[], drawOf: (shadow: Shadow) => UnitDraw) {
    this.draws = shadows.map((shadow) => ({
      draw: drawOf(shadow),
      below: percentBuckets(shadow.percent),
      model: shadow.model,
    }))
  }

  /** `answering`: the version that answers. */
  draw(answering: string, context: Context, columns: readonly Column[], row: number): Drawn {
    const { draws } = this
    if (draws.length > maxKept) return this.drawMany(answering, context, columns, row)
    let drawn = 0
    let isWithoutUnit = false
    for (let at = 0; at < draws.length; at++) {
      const bucket = draws[at].draw.bucket(context, columns, row)
      if (bucket < 0) isWithoutUnit = true
      else if (bucket < draws[at].below) drawn |= 1 << at
    }
    const id = drawn * 2 + (isWithoutUnit ? 1 : 0)
    return this.kept.get(answering)?.[id] ?? this.keep(answering, id, drawn, isWithoutUnit)
  }

  private keep(answering: string, id: number, drawn: number, isWithoutUnit: boolean): Drawn {
    const models = this.draws.flatMap(({ model }, at) => {
      return (drawn >> at) & 1 && model !== answering ? [model] : []
    })
    const made = toDrawn(models, isWithoutUnit, id)
    const beside = this.kept.get(answering) ?? []
    this.kept.set(answering, beside)
    beside[id] = made
    return made
  }

  private drawMany(answering: string, context: Context, columns: readonly Column[], row: number): Drawn {
    const models: string[] = []
    let isWithoutUnit = false
    for (const { draw, below, model } of this.draws) {
      const bucket = draw.bucket(context, columns, row)
      if (bucket < 0) isWithoutUnit = true
      else if (bucket < below && model !== answering) models.push(model)
    }
    return toDrawn(models, isWithoutUnit, -1)
  }
}

function toDrawn(models: readonly string[], isWithoutUnit: boolean, id: number): Drawn {
  const shadows = models.length > 0 && { shadows: Object.freeze(models) }
  return Object.freeze({ ...shadows, isWithoutUnit, id })
}
