import { memoized } from '../../lib/memoized'
import { Bucketer, rangeEnds } from '../bucketing/bucketer'
import type { ObjectiveContract } from '../ruleSet/knownNames'
import type { Decision } from '../ruleSet/router'
import { type Canary, type Experiment, type RuleSet, shardsOf, type Use } from '../ruleSet/ruleSet'
import { DrawnOutcome, FixedOutcome, type Outcome, ShadowSampler } from './outcome'

/** What the outcomes of one objective are compiled with. */
export interface OutcomeParts {
  readonly ruleSet: RuleSet
  readonly objective: string
  readonly contract: ObjectiveContract
  /** The shard that the field names; if absent, each version's own. */
  readonly shard: string | undefined
}

/** Compiles the outcomes of an objective's rules, default and overrides. */
export class OutcomeCompiler {
  readonly default: Outcome
  /** Shared by all rules that lead to it. */
  private readonly draw = memoized((of: Canary | Experiment) => ({
    bucketer: new Bucketer(of, this.parts.contract),
    ends: rangeEnds('cells' in of ? of.cells : [of, { percent: 100 - of.percent }]),
  }))
  private readonly shadows: ShadowSampler | undefined

  constructor(private readonly parts: OutcomeParts) {
    const { shadow = [], default: use } = this.rules
    this.shadows = shadow.length === 0 ? undefined : new ShadowSampler(shadow, parts.contract)
    this.default =
      typeof use === 'string'
        ? this.version(use, undefined)
        : this.experiment(use.experiment, undefined, this.fixed(this.cells(use.experiment)[0].use, 'default'))
  }

  rule(name: string, use: Use): Outcome {
    if (typeof use === 'string') return this.version(use, name)
    // Without a unit for the experiment, routing continues as if the rule had not matched.
    return this.experiment(use.experiment, name, this.default)
  }

  override(model: string): Outcome {
    return this.fixed(model, 'override')
  }

  private version(model: string, rule: string | undefined): Outcome {
    const { canary } = this.rules
    const stays = this.fixed(model, rule === undefined ? 'default' : 'rule', rule)
    if (canary?.of !== model) return stays
    const { bucketer, ends } = this.draw(canary)
    return new DrawnOutcome(bucketer, ends, [this.fixed(canary.to, 'canary', rule), stays], stays)
  }

  private experiment(name: string, rule: string | undefined, withoutUnit: Outcome): Outcome {
    const cells = this.cells(name)
    const { bucketer, ends } = this.draw(this.parts.ruleSet.experiments[name])
    return new DrawnOutcome(
      bucketer,
      ends,
      cells.map(({ name: cell, use }) => this.fixed(use, 'experiment', rule, { experiment: name, cell })),
      withoutUnit,
    )
  }

  private fixed(
    model: string,
    reason: Decision['reason'],
    rule?: string,
    drawn?: { readonly experiment: string; readonly cell: string },
  ): FixedOutcome {
    const { ruleSet, objective, shard = shardsOf(ruleSet, model)[0] } = this.parts
    const decision = { objective, model, shard, reason, ...(rule !== undefined && { rule }), ...drawn }
    return new FixedOutcome(decision, this.shadows)
  }

  private cells(experiment: string) {
    return this.parts.ruleSet.experiments[experiment].cells
  }

  private get rules() {
    return this.parts.ruleSet.objectives[this.parts.objective]
  }
}
