import type { Column } from '../../lib/column'
import { invariant } from '../../lib/invariant'
import { memoized } from '../../lib/memoized'
import type { Context } from '../../lib/request/clientRequest'
import { ConditionCompiler } from '../predicates/compileCondition'
import { RuleMatcher } from '../predicates/ruleMatcher'
import type { ObjectiveContract } from '../ruleSet/knownNames'
import type { Decision, ObjectiveRouter, Router } from '../ruleSet/router'
import { type RuleSet, shardsOf } from '../ruleSet/ruleSet'
import { OutcomeCompiler, type OutcomeParts } from './compileOutcomes'
import { type Explanation, explain } from './explain'
import type { Outcome } from './outcome'
import { readsInputs } from './readsInputs'

/** Whether a version is ready and serves the objective. */
export type CanAnswer = (objective: string, model: string) => boolean

/** The answer for an objective that decides by row, if no inputs are given. */
export interface NeedsInputs {
  readonly objective: string
  readonly error: 'NEEDS_INPUTS'
}

/** A question about one request or row, from outside the graph. */
export interface RouteQuestion {
  readonly objective: string
  readonly context: Context
  /** The inputs of one row, by name. */
  readonly inputs?: Readonly<Record<string, unknown>>
  readonly shard?: string
  /** Set only if the client may override. */
  readonly override?: string
}

/** A router that also answers single questions, with inputs by name. */
export interface CompiledRouter extends Router {
  resolve(question: RouteQuestion): Decision | NeedsInputs
  /** The decision and the reasons for it. The caller adds the number of the rule set. */
  explain(question: RouteQuestion): Explanation | NeedsInputs
}

/** Objectives are compiled on first use. Overrides apply only to versions for which `canAnswer` is true. */
export function compileRouter(
  ruleSet: RuleSet,
  contracts: ReadonlyMap<string, ObjectiveContract>,
  canAnswer: CanAnswer = () => false,
): CompiledRouter {
  const conditions = new ConditionCompiler()
  const byShard = memoized((shard: string | undefined) =>
    memoized((objective: string): ObjectiveRouter => {
      invariant(Object.hasOwn(ruleSet.objectives, objective), `no rule for ${objective}`)
      const contract = contracts.get(objective)
      invariant(contract, `no contract of ${objective}`)
      // A version counts as ready only on the shard that the field names.
      const isThere = (model: string) => shard === undefined || shardsOf(ruleSet, model).includes(shard)
      const mayAnswer = (model: string) => canAnswer(objective, model) && isThere(model)
      return new CompiledObjective({ ruleSet, objective, contract, shard, conditions, canAnswer: mayAnswer })
    }),
  )

  const router: CompiledRouter = {
    for: (objective, shard) => byShard(shard)(objective),
    resolve({ objective, context, inputs, shard, override }) {
      const one = router.for(objective, shard)
      if (inputs === undefined) {
        return one.perRow ? { objective, error: 'NEEDS_INPUTS' } : one.decide(context, override)
      }
      return one.decideRow(context, columnsOf(inputs, contracts.get(objective)!), 0, override)
    },
    explain(question) {
      const decision = router.resolve(question)
      if ('error' in decision) return decision
      const { context, inputs, objective, override } = question
      const contract = contracts.get(objective)!
      const columns = columnsOf(inputs ?? {}, contract)
      return explain(
        ruleSet,
        contract,
        { context, columns, ...(override !== undefined && { override }) },
        decision,
      )
    },
  }
  return router
}

/** Turns one row of inputs by name into columns in the objective's order. */
export function columnsOf(
  inputs: Readonly<Record<string, unknown>>,
  { inputs: specs }: ObjectiveContract,
): readonly Column[] {
  return specs.map(({ name }) => [Object.hasOwn(inputs, name) ? inputs[name] : undefined])
}

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
class CompiledObjective implements ObjectiveRouter {
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
