import type { Context } from '../lib/clientRequest'
import type { Column } from '../lib/column'
import { invariant } from '../lib/invariant'
import { percentBuckets } from './bucket'
import type { ObjectiveContract } from './knownNames'
import type { Found } from './outcomes/answer'
import { CanaryLead, type CompiledCanary, ExperimentLead, FixedLead, type Lead } from './outcomes/lead'
import type { OutcomeList } from './outcomes/outcomeList'
import { ShadowDraws } from './outcomes/shadowDraws'
import { readsInputs } from './readsInputs'
import type { Decision, ObjectiveRouter } from './router'
import type { RuleMatcher } from './ruleMatcher'
import type { ObjectiveRules, RuleSet, Use } from './ruleSet'
import type { SharedParts } from './sharedParts'

/** What the rules of one objective are compiled with. */
export interface ObjectiveParts {
  readonly ruleSet: RuleSet
  readonly objective: string
  readonly contract: ObjectiveContract
  readonly matcher: RuleMatcher
  readonly shared: SharedParts
  /** Whether a version is ready, placed where fields look for it, and serves the objective; asked of overrides. */
  readonly canAnswer: (model: string) => boolean
}

const noColumns: readonly Column[] = Object.freeze([])

/** The rules of one objective, checked before, as a function of a request or of its rows. */
export function compileObjective(parts: ObjectiveParts): ObjectiveRouter {
  const { ruleSet, objective, contract, matcher } = parts
  const leads = new LeadCompiler(parts)
  const { rules = [], default: last } = ruleSet.objectives[objective]
  const lastLead = leads.lead(last, undefined)
  const ruleLeads = rules.map(({ name, use }) => leads.lead(use, name, lastLead))
  return new CompiledObjective(
    objective,
    readsInputs(ruleSet, objective, contract),
    matcher,
    parts.shared.outcomes,
    [lastLead, ...ruleLeads],
    compileOverrides(parts, leads),
  )
}

class CompiledObjective implements ObjectiveRouter {
  /** Where the outcomes of this objective begin: the default's, then those of its rules. */
  private readonly first: number
  /** By outcome, whether it is a lead that is still to be asked, as bits: known before the outcome itself is read. */
  private readonly leads: number

  constructor(
    private readonly objective: string,
    readonly perRow: boolean,
    private readonly matcher: RuleMatcher,
    private readonly outcomes: OutcomeList,
    leads: readonly Lead[],
    private readonly overriding: (model: string) => Lead | undefined,
  ) {
    // More than there are bits are all asked.
    const isLead = leads.map(({ always }) => always === undefined || leads.length > 32)
    this.first = outcomes.length
    this.leads = isLead.reduce((bits, isOne, at) => (isOne ? bits | (1 << at) : bits), 0)
    for (const [at, lead] of leads.entries()) outcomes.push(isLead[at] ? lead : lead.always!)
  }

  decide(context: Context, override?: string): Decision {
    invariant(!this.perRow, `${this.objective} decides row by row`)
    return this.decideRow(context, noColumns, 0, override)
  }

  decideRow(context: Context, columns: readonly Column[], row: number, override?: string): Decision {
    const rule = override === undefined ? undefined : this.overriding(override)
    if (rule !== undefined) return rule.decide(false, context, columns, row)
    const place = this.matcher.match(context, columns, row) + 1
    const outcome = this.outcomes[this.first + place]
    if (((this.leads >>> place) & 1) === 0) return outcome as Decision
    return (outcome as Lead).decide(false, context, columns, row)
  }
}

/** Finds where an override leads: only to a version that can answer. */
function compileOverrides(
  { canAnswer }: ObjectiveParts,
  leads: LeadCompiler,
): (model: string) => Lead | undefined {
  const made = new Map<string, Lead>()
  return (model) => {
    if (!canAnswer(model)) return undefined
    let lead = made.get(model)
    if (lead === undefined) {
      lead = leads.override(model)
      made.set(model, lead)
    }
    return lead
  }
}

class LeadCompiler {
  private readonly shadows: ShadowDraws | undefined
  private readonly canary: (CompiledCanary & { readonly of: string }) | undefined
  private readonly rules: ObjectiveRules

  constructor(private readonly parts: ObjectiveParts) {
    const { ruleSet, objective, contract, shared } = parts
    this.rules = ruleSet.objectives[objective]
    const { shadow = [], canary } = this.rules
    this.shadows =
      shadow.length === 0 ? undefined : new ShadowDraws(shadow, (one) => shared.draw(one, contract))
    this.canary = canary && {
      of: canary.of,
      draw: shared.draw(canary, contract),
      below: percentBuckets(canary.percent),
      stays: shared.answer(canary.of),
      moves: shared.answer(canary.to),
    }
  }

  override(model: string): Lead {
    return new FixedLead(this.found(undefined), this.parts.shared.answer(model), 'override', this.shadows)
  }

  /** `last`: where those go on who have no unit for a rule's experiment. */
  lead(use: Use, rule: string | undefined, last?: Lead): Lead {
    const found = this.found(rule)
    const { shared, contract, ruleSet } = this.parts
    if (typeof use !== 'string') {
      const first = ruleSet.experiments[use.experiment].cells[0].use
      const withoutUnit = last ?? new FixedLead(found, shared.answer(first), 'default', this.shadows)
      return new ExperimentLead(found, shared.experiment(use.experiment, contract), this.shadows, withoutUnit)
    }
    const reason = rule === undefined ? 'default' : 'rule'
    if (this.canary?.of === use) return new CanaryLead(found, this.canary, reason, this.shadows)
    return new FixedLead(found, shared.answer(use), reason, this.shadows)
  }

  private found(rule: string | undefined): Found {
    return { objective: this.parts.objective, rule }
  }
}
