import type { Column } from '../../lib/column'
import { invariant } from '../../lib/invariant'
import { memoized } from '../../lib/memoized'
import type { Context } from '../../lib/request/clientRequest'
import type { Outcome } from '../outcomes/outcome'
import type { ConditionCompiler } from '../predicates/compileCondition'
import { RuleMatcher } from '../predicates/ruleMatcher'
import type { Decision, ObjectiveRouter } from '../ruleSet/router'
import { OutcomeCompiler, type OutcomeParts } from './compileOutcomes'
import { readsInputs } from './readsInputs'

/** What the rules of one objective are compiled with. */
interface ObjectiveParts extends OutcomeParts {
  readonly conditions: ConditionCompiler
  /**
   * Whether a version that an override names is ready, is placed where fields look for it, and serves the objective.
   */
  readonly canAnswer: (model: string) => boolean
}

const noColumns: readonly Column[] = Object.freeze([])

/** The checked rules of one objective, as a function of a request or of its rows. */
export class CompiledObjective implements ObjectiveRouter {
  readonly perRow: boolean
  private readonly matcher: RuleMatcher
  private readonly compiler: OutcomeCompiler
  /** By the index of their rules. */
  private readonly outcomes: readonly Outcome[]
  private readonly default: Outcome
  private readonly override = memoized((model: string) => this.compiler.override(model))

  constructor(private readonly parts: ObjectiveParts) {
    const { ruleSet, objective, contract, conditions } = parts
    const { rules = [] } = ruleSet.objectives[objective]
    this.perRow = readsInputs(ruleSet, objective, contract)
    this.matcher = new RuleMatcher(rules, contract, conditions)
    this.compiler = new OutcomeCompiler(parts)
    this.outcomes = rules.map(({ name, use }) => this.compiler.rule(name, use))
    this.default = this.compiler.default
  }

  decide(context: Context, override?: string): Decision {
    invariant(!this.perRow, `${this.parts.objective} decides row by row`)
    return this.decideRow(context, noColumns, 0, override)
  }

  decideRow(context: Context, columns: readonly Column[], row: number, override?: string): Decision {
    if (override !== undefined && this.parts.canAnswer(override)) {
      return this.override(override).decide(false, context, columns, row)
    }
    const place = this.matcher.match(context, columns, row)
    const outcome = place < 0 ? this.default : this.outcomes[place]
    return outcome.decide(false, context, columns, row)
  }
}
