import type { Column } from '../../lib/column'
import { invariant } from '../../lib/invariant'
import { memoized } from '../../lib/memoized'
import type { Context } from '../../lib/request/clientRequest'
import { ConditionCompiler } from '../predicates/compileCondition'
import type { ObjectiveContract } from '../ruleSet/knownNames'
import type { Decision, ObjectiveRouter, Router } from '../ruleSet/router'
import { type RuleSet, shardsOf } from '../ruleSet/ruleSet'
import { CompiledObjective } from './compiledObjective'
import { type Explanation, explain } from './explain'

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
      return explain(ruleSet, contract, { context, columns, override }, decision)
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
