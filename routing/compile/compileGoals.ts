import { percentBuckets } from '../bucketing/bucket'
import { CanaryLead, ExperimentLead, FixedLead, type Lead } from '../outcomes/lead'
import { ShadowDraws } from '../outcomes/shadowDraws'
import type { ObjectiveContract } from '../ruleSet/knownNames'
import type { ObjectiveRules, RuleSet, Use } from '../ruleSet/ruleSet'
import type { SharedParts } from './sharedParts'

/** Where a rule or, without its name, the default leads. */
export interface Goal {
  readonly rule: string | undefined
  readonly lead: Lead
  /** Where those go on for whom `lead` has nothing to draw by; undefined: where the default leads. */
  readonly withoutUnit: FixedLead | undefined
}

/** What the goals of one objective are compiled with. */
export interface GoalParts {
  readonly ruleSet: RuleSet
  readonly objective: string
  readonly contract: ObjectiveContract
  readonly shared: SharedParts
}

/** Compiles where the rules, the default and the overrides of one objective lead. */
export class GoalCompiler {
  private readonly shadows: ShadowDraws | undefined
  private readonly canary: { readonly of: string; readonly lead: CanaryLead } | undefined
  private readonly rules: ObjectiveRules

  constructor(private readonly parts: GoalParts) {
    const { ruleSet, objective, contract, shared } = parts
    this.rules = ruleSet.objectives[objective]
    const { shadow = [], canary } = this.rules
    this.shadows =
      shadow.length === 0 ? undefined : new ShadowDraws(shadow, (one) => shared.draw(one, contract))
    this.canary = canary && {
      of: canary.of,
      lead: new CanaryLead(
        shared.draw(canary, contract),
        percentBuckets(canary.percent),
        shared.answer(canary.to),
        shared.answer(canary.of),
        this.shadows,
      ),
    }
  }

  override(model: string): FixedLead {
    return new FixedLead(this.parts.shared.answer(model), 'override', this.shadows)
  }

  goal(use: Use, rule: string | undefined): Goal {
    const { shared } = this.parts
    const reason = rule === undefined ? 'default' : 'rule'
    if (typeof use !== 'string') {
      const lead = this.experimentLead(use.experiment)
      if (rule !== undefined) return { rule, lead, withoutUnit: undefined }
      const [first] = this.parts.ruleSet.experiments[use.experiment].cells
      return { rule, lead, withoutUnit: new FixedLead(shared.answer(first.use), reason, this.shadows) }
    }
    const fixed = new FixedLead(shared.answer(use), reason, this.shadows)
    if (this.canary?.of === use) return { rule, lead: this.canary.lead, withoutUnit: fixed }
    return { rule, lead: fixed, withoutUnit: undefined }
  }

  private experimentLead(name: string): ExperimentLead {
    const { shared, contract } = this.parts
    if (this.shadows === undefined) return shared.experimentLead(name, contract)
    return new ExperimentLead(shared.experiment(name, contract), this.shadows)
  }
}
