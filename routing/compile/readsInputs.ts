import { takeApart } from '../predicates/compileCondition'
import type { ObjectiveContract } from '../ruleSet/knownNames'
import { readUnit } from '../ruleSet/reference'
import type { Condition, RuleSet } from '../ruleSet/ruleSet'

/**
 * Whether a rule of an objective, or a unit of one of its draws, reads an input. Then each row is decided on its own.
 */
export function readsInputs(ruleSet: RuleSet, objective: string, contract: ObjectiveContract): boolean {
  const { rules = [], default: last, canary, shadow = [] } = ruleSet.objectives[objective]
  const uses = [...rules.map(({ use }) => use), last]
  const draws: readonly { readonly unit?: string }[] = [
    ...uses.flatMap((use) => (typeof use === 'string' ? [] : [ruleSet.experiments[use.experiment]])),
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
