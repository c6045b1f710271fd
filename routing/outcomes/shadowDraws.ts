import type { Context } from '../../lib/clientRequest'
import type { Column } from '../../lib/column'
import { percentBuckets } from '../bucket'
import type { ObjectiveContract } from '../knownNames'
import type { Shadow } from '../ruleSet'
import { UnitDraw } from './draw'

/** Which shadows were drawn. */
export interface Drawn {
  /** Absent where there is none. */
  readonly shadows?: readonly string[]
  /** Whether one of them had no unit to draw by. */
  readonly isWithoutUnit: boolean
  /** A small number that stands for this combination, or -1 where there are too many to keep. */
  readonly id: number
}

export const nothingDrawn: Drawn = Object.freeze({ isWithoutUnit: false, id: 0 })

/** The most shadows of one objective whose combinations are kept ready. */
const maxKept = 8

/** The shadows of an objective, as they are drawn beside one version, which is never its own shadow. */
export class ShadowDraws {
  private readonly draws: readonly { draw: UnitDraw; below: number; model: string }[]
  private readonly kept: (Drawn | undefined)[] = []

  constructor(shadows: readonly Shadow[], answering: string, contract: ObjectiveContract) {
    this.draws = shadows.map(({ model, percent, salt, unit }) => ({
      draw: new UnitDraw(salt, unit, contract),
      below: model === answering ? 0 : percentBuckets(percent),
      model,
    }))
  }

  draw(context: Context, columns: readonly Column[], row: number): Drawn {
    const { draws } = this
    if (draws.length === 0) return nothingDrawn
    if (draws.length > maxKept) return this.drawMany(context, columns, row)
    let drawn = 0
    let isWithoutUnit = false
    for (let at = 0; at < draws.length; at++) {
      const bucket = draws[at].draw.bucket(context, columns, row)
      if (bucket < 0) isWithoutUnit = true
      else if (bucket < draws[at].below) drawn |= 1 << at
    }
    const id = drawn * 2 + (isWithoutUnit ? 1 : 0)
    return this.kept[id] ?? this.keep(id, drawn, isWithoutUnit)
  }

  private keep(id: number, drawn: number, isWithoutUnit: boolean): Drawn {
    const models = this.draws.flatMap(({ model }, at) => ((drawn >> at) & 1 ? [model] : []))
    const made = toDrawn(models, isWithoutUnit, id)
    this.kept[id] = made
    return made
  }

  private drawMany(context: Context, columns: readonly Column[], row: number): Drawn {
    const models: string[] = []
    let isWithoutUnit = false
    for (const { draw, below, model } of this.draws) {
      const bucket = draw.bucket(context, columns, row)
      if (bucket < 0) isWithoutUnit = true
      else if (bucket < below) models.push(model)
    }
    return toDrawn(models, isWithoutUnit, -1)
  }
}

function toDrawn(models: readonly string[], isWithoutUnit: boolean, id: number): Drawn {
  const shadows = models.length > 0 && { shadows: Object.freeze(models) }
  return Object.freeze({ ...shadows, isWithoutUnit, id })
}
