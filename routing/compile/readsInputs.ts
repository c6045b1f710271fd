import { takeApart } from '../predicates/compileCondition'
import type { ObjectiveContract } from '../ruleSet/knownNames'
import { readUnit } from '../ruleSet/reference'
import { type Condition, experimentsOf, type RuleSet } from '../ruleSet/ruleSet'

/**
 * Whether a rule of an objective, or a unit of one of its draws, reads an input. Then each row is decided on its own.
 */
export function readsInputs(ruleSet: RuleSet, objective: string, contract: ObjectiveContract): boolean {
  const own = ruleSet.objectives[objective]
  const { rules = [], canary, shadow = [] } = own
  const draws: readonly { readonly unit?: string }[] = [
    ...experimentsOf(own).map((name) => ruleSet.experiments[name]),
    ...(canary === undefined ? [] : [canary]),
    ...shadow,
  ]
  return (
    rules.some(({ when = {} }) => conditionReadsInputs(when)) ||
    draws.some(({ unit = contract.unit }) => unit !== undefined && readUnit(unit)?.from === 'input')
  )
}

function conditionReadsInputs(condition: Condition): boolean {
  const { clauses, others } = takeApart(condition)
  return (
    clauses.some(({ reference }) => reference.from === 'input') ||
    others.some(
      ({ any = [], not }) =>
        any.some(conditionReadsInputs) || (not !== undefined && conditionReadsInputs(not)),
    )
  )
}
