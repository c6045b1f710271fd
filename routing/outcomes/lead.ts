import type { Context } from '../../lib/clientRequest'
import type { Column } from '../../lib/column'
import type { Decision } from '../router'
import { type Answer, drawnDecision, type Found, fixedDecision } from './answer'
import type { UnitDraw } from './draw'
import type { Drawn, ShadowDraws } from './shadowDraws'

/** Where a rule or the default leads: to a version, or into an experiment. Asked for one request or row. */
export interface Lead {
  /** The decision, where it is the same for everybody whom a rule brings here. */
  readonly always?: Decision | undefined
  /** `isWithoutUnit`: whether an experiment on the way here had no unit to draw by. */
  decide(isWithoutUnit: boolean, context: Context, columns: readonly Column[], row: number): Decision
}

/** A version, nothing drawn but shadows. Decisions that differ in nothing are one frozen object. */
export class FixedLead implements Lead {
  readonly always: Decision | undefined
  /** By shadows drawn and flag. */
  private kept: (Decision | undefined)[] | undefined

  constructor(
    private readonly found: Found,
    private readonly answer: Answer,
    private readonly reason: Decision['reason'],
    private readonly shadows: ShadowDraws | undefined,
  ) {
    this.always = shadows === undefined ? fixedDecision(found, answer, reason, undefined, false) : undefined
  }

  decide(isWithoutUnit: boolean, context: Context, columns: readonly Column[], row: number): Decision {
    if (this.shadows === undefined) return this.keep(0, undefined, isWithoutUnit)
    const drawn = this.shadows.draw(this.answer.model, context, columns, row)
    const isFlagged = isWithoutUnit || drawn.isWithoutUnit
    if (drawn.id >= 0) return this.keep(drawn.id, drawn.shadows, isFlagged)
    return fixedDecision(this.found, this.answer, this.reason, drawn.shadows, isFlagged)
  }

  private keep(id: number, shadows: Drawn['shadows'], isFlagged: boolean): Decision {
    this.kept ??= []
    const place = 2 * id + (isFlagged ? 1 : 0)
    let decision = this.kept[place]
    if (decision === undefined) {
      decision = fixedDecision(this.found, this.answer, this.reason, shadows, isFlagged)
      this.kept[place] = decision
    }
    return decision
  }
}

/** What all leads of an objective to the version `of` share. */
export interface CompiledCanary {
  readonly draw: UnitDraw
  /** Buckets below this move. */
  readonly below: number
  readonly stays: Answer
  readonly moves: Answer
}

/** A version that a percentage of units is moved away from. */
export class CanaryLead implements Lead, Found {
  readonly objective: string
  readonly rule: string | undefined
  private readonly withoutUnit: FixedLead

  constructor(
    found: Found,
    private readonly canary: CompiledCanary,
    private readonly reason: Decision['reason'],
    private readonly shadows: ShadowDraws | undefined,
  ) {
    // Here and not behind a reference: what a decision reads is what it costs.
    this.objective = found.objective
    this.rule = found.rule
    this.withoutUnit = new FixedLead(found, canary.stays, reason, shadows)
  }

  decide(isWithoutUnit: boolean, context: Context, columns: readonly Column[], row: number): Decision {
    const { canary, shadows } = this
    const bucket = canary.draw.bucket(context, columns, row)
    if (bucket < 0) return this.withoutUnit.decide(true, context, columns, row)
    const isMoved = bucket < canary.below
    const answer = isMoved ? canary.moves : canary.stays
    const reason = isMoved ? 'canary' : this.reason
    if (shadows === undefined) {
      return drawnDecision(this, answer, reason, bucket, undefined, isWithoutUnit)
    }
    const drawn = shadows.draw(answer.model, context, columns, row)
    const isFlagged = isWithoutUnit || drawn.isWithoutUnit
    return drawnDecision(this, answer, reason, bucket, drawn.shadows, isFlagged)
  }
}

/** The same for all rules that lead there. */
export interface CompiledExperiment {
  readonly draw: UnitDraw
  /** Where each cell's range of buckets ends; the last one is a million. */
  readonly ends: readonly number[]
  readonly cells: readonly Answer[]
}

/** An experiment; no canary changes what its cells say. */
export class ExperimentLead implements Lead, Found {
  readonly objective: string
  readonly rule: string | undefined

  constructor(
    found: Found,
    private readonly experiment: CompiledExperiment,
    private readonly shadows: ShadowDraws | undefined,
    private readonly withoutUnit: Lead,
  ) {
    this.objective = found.objective
    this.rule = found.rule
  }

  decide(isWithoutUnit: boolean, context: Context, columns: readonly Column[], row: number): Decision {
    const { experiment, shadows } = this
    const { ends } = experiment
    const bucket = experiment.draw.bucket(context, columns, row)
    if (bucket < 0) return this.withoutUnit.decide(true, context, columns, row)
    let cell = 0
    while (bucket >= ends[cell]) cell++
    const answer = experiment.cells[cell]
    if (shadows === undefined) {
      return drawnDecision(this, answer, 'experiment', bucket, undefined, isWithoutUnit)
    }
    const drawn = shadows.draw(answer.model, context, columns, row)
    const isFlagged = isWithoutUnit || drawn.isWithoutUnit
    return drawnDecision(this, answer, 'experiment', bucket, drawn.shadows, isFlagged)
  }
}
