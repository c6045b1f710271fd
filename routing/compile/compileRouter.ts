import type { Column } from '../../lib/column'
import { invariant } from '../../lib/invariant'
import type { Context } from '../../lib/request/clientRequest'
import { ConditionCompiler } from '../predicates/compileCondition'
import type { ObjectiveContract } from '../ruleSet/knownNames'
import type { Decision, ObjectiveRouter, Router } from '../ruleSet/router'
import { type RuleSet, shardsOf } from '../ruleSet/ruleSet'
import { compileObjective } from './compileObjective'
import { type Explanation, explain } from './explain'

/** Whether a version is ready and serves the objective. */
export type CanAnswer = (objective: string, model: string) => boolean

/** Of an objective that decides by row, when it is asked without inputs. */
export interface NeedsInputs {
  readonly objective: string
  readonly error: 'NEEDS_INPUTS'
}

/** One request or row as those ask who stand outside of the graph. */
export interface RouteQuestion {
  readonly objective: string
  readonly context: Context
  /** By name, of one row. */
  readonly inputs?: Readonly<Record<string, unknown>>
  readonly shard?: string
  /** By somebody who may. */
  readonly override?: string
}

/** A router that also answers one by one, with inputs by name. */
export interface CompiledRouter extends Router {
  resolve(question: RouteQuestion): Decision | NeedsInputs
  /** The decision and how it came about. The number of the rule set is the caller's to add. */
  explain(question: RouteQuestion): Explanation | NeedsInputs
}

/**
 * Compiles a checked rule set; an objective is compiled when it is first asked for. `canAnswer` is asked of overrides, which
 * without it are passed over.
 */
export function compileRouter(
  ruleSet: RuleSet,
  contracts: ReadonlyMap<string, ObjectiveContract>,
  canAnswer: CanAnswer = () => false,
): CompiledRouter {
  const conditions = new ConditionCompiler()
  const compile = (objective: string, shard: string | undefined): ObjectiveRouter => {
    invariant(Object.hasOwn(ruleSet.objectives, objective), `no rule for ${objective}`)
    const contract = contracts.get(objective)
    invariant(contract, `no contract of ${objective}`)
    // A version that is not on the shard that the field names is not ready there.
    const isThere = (model: string) => shard === undefined || shardsOf(ruleSet, model).includes(shard)
    const mayAnswer = (model: string) => canAnswer(objective, model) && isThere(model)
    return compileObjective({ ruleSet, objective, contract, shard, conditions, canAnswer: mayAnswer })
  }
  const byShard = new Map<string | undefined, Map<string, ObjectiveRouter>>()

  const router: CompiledRouter = {
    for(objective, shard) {
      let ofShard = byShard.get(shard)
      if (ofShard === undefined) {
        ofShard = new Map()
        byShard.set(shard, ofShard)
      }
      let one = ofShard.get(objective)
      if (one === undefined) {
        one = compile(objective, shard)
        ofShard.set(objective, one)
      }
      return one
    },
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

/** One row of inputs by name as columns in the objective's order. */
export function columnsOf(
  inputs: Readonly<Record<string, unknown>>,
  { inputs: specs }: ObjectiveContract,
): readonly Column[] {
  return specs.map(({ name }) => [Object.hasOwn(inputs, name) ? inputs[name] : undefined])
}
