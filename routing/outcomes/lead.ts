import type { Column } from '../../lib/column'
import type { Context } from '../../lib/request/clientRequest'
import type { Decision } from '../ruleSet/router'
import { type Answer, drawnDecision, fixedDecision } from './answer'
import type { UnitDraw } from './draw'
import type { Drawn, ShadowDraws } from './shadowDraws'

/** Where a rule or the default leads: to a version, or into a draw. Asked for one request or row. */
export interface Lead {
  /**
   * Undefined where there is nothing to draw by. `rule`: the one that led here, if one did; `isWithoutUnit`: whether an
   * experiment on the way here had no unit to draw by.
   */
  decide(
    objective: string,
    rule: string | undefined,
    isWithoutUnit: boolean,
    context: Context,
    columns: readonly Column[],
    row: number,
  ): Decision | undefined
}

/** A version of one rule, the default or an override, nothing drawn but shadows. What it decides is frozen and kept. */
export class FixedLead implements Lead {
  /** By shadows drawn and flag. */
  private kept: (Decision | undefined)[] | undefined

  constructor(
    private readonly answer: Answer,
    private readonly reason: Decision['reason'],
    private readonly shadows: ShadowDraws | undefined,
  ) {}

  /**
   * What is known before a request comes: of the default the decision, of a rule, of which there are many, the version that its
   * decisions are made of. Undefined where shadows are drawn.
   */
  known(objective: string, rule: string | undefined): Decision | Answer | undefined {
    if (this.shadows !== undefined) return undefined
    return rule === undefined ? this.keep(0, objective, rule, undefined, false) : this.answer
  }

  decide(
    objective: string,
    rule: string | undefined,
    isWithoutUnit: boolean,
    context: Context,
    columns: readonly Column[],
    row: number,
  ): Decision {
    if (this.shadows === undefined) return this.keep(0, objective, rule, undefined, isWithoutUnit)
    const drawn = this.shadows.draw(this.answer.model, context, columns, row)
    const isFlagged = isWithoutUnit || drawn.isWithoutUnit
    if (drawn.id >= 0) return this.keep(drawn.id, objective, rule, drawn.shadows, isFlagged)
    return fixedDecision(objective, rule, this.answer, this.reason, drawn.shadows, isFlagged)
  }

  private keep(
    id: number,
    objective: string,
    rule: string | undefined,
    shadows: Drawn['shadows'],
    isFlagged: boolean,
  ): Decision {
    this.kept ??= []
    const place = 2 * id + (isFlagged ? 1 : 0)
    let decision = this.kept[place]
    if (decision === undefined) {
      decision = fixedDecision(objective, rule, this.answer, this.reason, shadows, isFlagged)
      this.kept[place] = decision
    }
    return decision
  }
}

/** A version that a percentage of units is moved away from. Shared by all rules of an objective that lead here. */
export class CanaryLead implements Lead {
  constructor(
    private readonly unitDraw: UnitDraw,
    /** Buckets below this move. */
    private readonly below: number,
    private readonly moves: Answer,
    private readonly stays: Answer,
    private readonly shadows: ShadowDraws | undefined,
  ) {}

  decide(
    objective: string,
    rule: string | undefined,
    isWithoutUnit: boolean,
    context: Context,
    columns: readonly Column[],
    row: number,
  ): Decision | undefined {
    const { shadows } = this
    const bucket = this.unitDraw.bucket(context, columns, row)
    if (bucket < 0) return undefined
    const isMoved = bucket < this.below
    const answer = isMoved ? this.moves : this.stays
    const reason = isMoved ? 'canary' : rule === undefined ? 'default' : 'rule'
    if (shadows === undefined) {
      return drawnDecision(objective, rule, answer, reason, bucket, undefined, isWithoutUnit)
    }
    const drawn = shadows.draw(answer.model, context, columns, row)
    const isFlagged = isWithoutUnit || drawn.isWithoutUnit
    return drawnDecision(objective, rule, answer, reason, bucket, drawn.shadows, isFlagged)
  }
}

/** The same for all rules that lead there. */
export interface CompiledExperiment {
  readonly draw: UnitDraw
  /** Where each cell's range of buckets ends; the last one is a million. */
  readonly ends: readonly number[]
  readonly cells: readonly Answer[]
}

/** An experiment; no canary changes what its cells say. Shared by all rules that lead here. */
export class ExperimentLead implements Lead {
  constructor(
    private readonly experiment: CompiledExperiment,
    private readonly shadows: ShadowDraws | undefined,
  ) {}

  decide(
    objective: string,
    rule: string | undefined,
    isWithoutUnit: boolean,
    context: Context,
    columns: readonly Column[],
    row: number,
  ): Decision | undefined {
    const { experiment, shadows } = this
    const { ends } = experiment
    const bucket = experiment.draw.bucket(context, columns, row)
    if (bucket < 0) return undefined
    let cell = 0
    while (bucket >= ends[cell]) cell++
    const answer = experiment.cells[cell]
    if (shadows === undefined) {
      return drawnDecision(objective, rule, answer, 'experiment', bucket, undefined, isWithoutUnit)
    }
    const drawn = shadows.draw(answer.model, context, columns, row)
    const isFlagged = isWithoutUnit || drawn.isWithoutUnit
    return drawnDecision(objective, rule, answer, 'experiment', bucket, drawn.shadows, isFlagged)
  }
}
