import { isMap } from '../../lib/isMap'
import { checkCondition } from './condition'
import { checkConstant } from './constant'
import { checkDraw } from './draw'
import { checkLimits } from './limits'
import type { Part } from './part'
import { checkUse } from './use'
import type { ValidationContext } from './validationContext'
import { checkAnswering, checkVersion } from './version'

/** The most rules of an objective. A decision may have to try all of them, which takes some milliseconds for so many. */
const maxRules = 20_000

/** Checks everything below `objectives.NAME`. */
export function checkObjective(objective: Part, context: ValidationContext): void {
  if (!objective.hasKeys(['default'], ['rules', 'canary', 'shadow', 'fallback', 'limits'])) return
  const rules = objective.at('rules')
  const each = rules.list('rules')
  if (each.length > maxRules) rules.refuse(`must have at most ${maxRules} rules, got ${each.length}`)
  else for (const rule of each) checkRule(rule, context)
  rules.distinctNames()
  checkUse(objective.at('default'), context)
  checkCanary(objective.at('canary'), context)
  for (const shadow of objective.at('shadow').list('shadows')) checkShadow(shadow, context)
  for (const one of objective.at('fallback').list('versions and constants')) checkFallback(one, context)
  checkLimits(objective.at('limits'), context)
}

function checkRule(rule: Part, context: ValidationContext): void {
  if (!rule.hasKeys(['name', 'use'], ['when'])) return
  rule.at('name').text()
  const when = rule.at('when')
  if (when.isGiven) checkCondition(when, context)
  checkUse(rule.at('use'), context)
}

function checkCanary(canary: Part, context: ValidationContext): void {
  if (!canary.isGiven || !canary.hasKeys(['of', 'to', 'percent', 'salt'], ['unit'])) return
  const [of, to] = [canary.at('of'), canary.at('to')]
  checkVersion(of, context)
  checkAnswering(to, context)
  if (to.isGiven && to.value === of.value) to.mustBe('another version than of')
  checkDraw(canary, context)
}

function checkShadow(shadow: Part, context: ValidationContext): void {
  if (!shadow.hasKeys(['model', 'percent', 'salt'], ['unit'])) return
  checkVersion(shadow.at('model'), context)
  checkDraw(shadow, context)
}

function checkFallback(fallback: Part, context: ValidationContext): void {
  if (!isMap(fallback.value)) checkVersion(fallback, context)
  else {
    fallback.hasKeys(['constant'])
    checkConstant(fallback.at('constant'), context)
  }
}
