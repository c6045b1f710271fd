import type { Column } from '../../lib/column'
import { invariant } from '../../lib/invariant'
import type { Context } from '../../lib/request/clientRequest'
import { type Answer, ruleDecision } from '../outcomes/answer'
import { FixedLead, type Lead } from '../outcomes/lead'
import type { OutcomeList } from '../outcomes/outcomeList'
import type { Decision, ObjectiveRouter } from '../ruleSet/router'
import { type Goal, GoalCompiler, type GoalParts } from './compileGoals'
import { readsInputs } from './readsInputs'
import type { RuleMatcher } from './ruleMatcher'

/** What the rules of one objective are compiled with. */
export interface ObjectiveParts extends GoalParts {
  readonly matcher: RuleMatcher
  /** Whether a version is ready, placed where fields look for it, and serves the objective; asked of overrides. */
  readonly canAnswer: (model: string) => boolean
}

const noColumns: readonly Column[] = Object.freeze([])

/** The rules of one objective, checked before, as a function of a request or of its rows. */
export function compileObjective(parts: ObjectiveParts): ObjectiveRouter {
  const { ruleSet, objective, contract, matcher } = parts
  const goals = new GoalCompiler(parts)
  const { rules = [], default: last } = ruleSet.objectives[objective]
  return new CompiledObjective(
    objective,
    readsInputs(ruleSet, objective, contract),
    matcher,
    parts.shared.outcomes,
    [goals.goal(last, undefined), ...rules.map(({ name, use }) => goals.goal(use, name))],
    compileOverrides(parts, goals),
  )
}

/** The compiled rules of one objective. */
class CompiledObjective implements ObjectiveRouter {
  /** Where the outcomes of this objective begin. */
  private readonly first: number
  /** By goal, whether it is a lead that is still to be asked, as bits: known before the outcome itself is read. */
  private readonly leads: number

  /** `goals`: the default's, then those of its rules. `overriding`: where an override leads, if it is taken. */
  constructor(
    private readonly objective: string,
    readonly perRow: boolean,
    private readonly matcher: RuleMatcher,
    private readonly outcomes: OutcomeList,
    private readonly goals: readonly Goal[],
    private readonly overriding: (model: string) => FixedLead | undefined,
  ) {
    this.first = outcomes.length
    let leads = 0
    for (const [place, { lead, rule }] of goals.entries()) {
      // More than there are bits are all asked.
      const known = lead instanceof FixedLead && goals.length <= 32 ? lead.known(objective, rule) : undefined
      if (known === undefined) leads |= 1 << place
      outcomes.push(known ?? lead, rule)
    }
    this.leads = leads
  }

  decide(context: Context, override?: string): Decision {
    invariant(!this.perRow, `${this.objective} decides row by row`)
    return this.decideRow(context, noColumns, 0, override)
  }

  decideRow(context: Context, columns: readonly Column[], row: number, override?: string): Decision {
    const { objective, outcomes } = this
    const overriding = override === undefined ? undefined : this.overriding(override)
    if (overriding !== undefined) {
      return overriding.decide(objective, undefined, false, context, columns, row)
    }
    const place = this.matcher.match(context, columns, row) + 1
    const outcome = outcomes[this.first + 2 * place]
    const rule = outcomes[this.first + 2 * place + 1] as string | undefined
    if (((this.leads >>> place) & 1) === 0) {
      return rule === undefined ? (outcome as Decision) : ruleDecision(objective, rule, outcome as Answer)
    }
    return (
      (outcome as Lead).decide(objective, rule, false, context, columns, row) ??
      this.decideWithoutUnit(place, context, columns, row)
    )
  }

  private decideWithoutUnit(
    place: number,
    context: Context,
    columns: readonly Column[],
    row: number,
  ): Decision {
    const { rule, withoutUnit } = this.goals[place]
    if (withoutUnit !== undefined) {
      return withoutUnit.decide(this.objective, rule, true, context, columns, row)
    }
    return (
      this.goals[0].lead.decide(this.objective, undefined, true, context, columns, row) ??
      this.decideWithoutUnit(0, context, columns, row)
    )
  }
}

/** Finds where an override leads: only to a version that can answer. */
function compileOverrides(
  { canAnswer }: ObjectiveParts,
  goals: GoalCompiler,
): (model: string) => FixedLead | undefined {
  const made = new Map<string, FixedLead>()
  return (model) => {
    if (!canAnswer(model)) return undefined
    let lead = made.get(model)
    if (lead === undefined) {
      lead = goals.override(model)
      made.set(model, lead)
    }
    return lead
  }
}
