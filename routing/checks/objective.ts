import { show } from '../../lib/errors'
import { isMap } from '../../lib/isMap'
import { below } from '../ruleSet/problems'
import { checkCondition } from './condition'
import { checkConstant } from './constant'
import { checkDraw } from './draw'
import { checkLimits } from './limits'
import { checkKeys, checkList, checkText, checkUnique, own } from './shape'
import { checkUse } from './use'
import type { ValidationContext } from './validationContext'
import { checkAnswering, checkVersion } from './version'

/** Checks everything below `objectives.NAME`. */
export function checkObjective(value: unknown, path: string, validation: ValidationContext): void {
  const { found } = validation
  const keys = { required: ['default'], optional: ['rules', 'canary', 'shadow', 'fallback', 'limits'] }
  const rules = checkKeys(value, path, keys, found)
  if (rules === undefined) return
  checkRules(own(rules, 'rules'), below(path, 'rules'), validation)
  checkUse(own(rules, 'default'), below(path, 'default'), validation)
  checkCanary(own(rules, 'canary'), below(path, 'canary'), validation)
  const shadows = below(path, 'shadow')
  checkList(own(rules, 'shadow'), shadows, 'shadows', found).forEach((shadow, at) => {
    checkShadow(shadow, below(shadows, at), validation)
  })
  const fallbacks = below(path, 'fallback')
  checkList(own(rules, 'fallback'), fallbacks, 'versions and constants', found).forEach((fallback, at) => {
    checkFallback(fallback, below(fallbacks, at), validation)
  })
  checkLimits(own(rules, 'limits'), below(path, 'limits'), validation)
}

function checkRules(value: unknown, path: string, validation: ValidationContext): void {
  const rules = checkList(value, path, 'rules', validation.found)
  rules.forEach((one, index) => {
    const at = below(path, index)
    const rule = checkKeys(one, at, { required: ['name', 'use'], optional: ['when'] }, validation.found)
    if (rule === undefined) return
    checkText(own(rule, 'name'), below(at, 'name'), validation.found)
    const when = own(rule, 'when')
    if (when !== undefined) checkCondition(when, below(at, 'when'), validation)
    checkUse(own(rule, 'use'), below(at, 'use'), validation)
  })
  checkUnique(rules, path, validation.found)
}

function checkCanary(value: unknown, path: string, validation: ValidationContext): void {
  if (value === undefined) return
  const { found } = validation
  const keys = { required: ['of', 'to', 'percent', 'salt'], optional: ['unit'] }
  const canary = checkKeys(value, path, keys, found)
  if (canary === undefined) return
  const to = own(canary, 'to')
  checkVersion(own(canary, 'of'), below(path, 'of'), validation)
  checkAnswering(to, below(path, 'to'), validation)
  if (to !== undefined && to === own(canary, 'of')) {
    found.refuse(below(path, 'to'), `must be another version than of, got ${show(to)}`)
  }
  checkDraw(canary, path, validation)
}

function checkShadow(value: unknown, path: string, validation: ValidationContext): void {
  const keys = { required: ['model', 'percent', 'salt'], optional: ['unit'] }
  const shadow = checkKeys(value, path, keys, validation.found)
  if (shadow === undefined) return
  checkVersion(own(shadow, 'model'), below(path, 'model'), validation)
  checkDraw(shadow, path, validation)
}

function checkFallback(value: unknown, path: string, validation: ValidationContext): void {
  if (!isMap(value)) {
    checkVersion(value, path, validation)
    return
  }
  checkKeys(value, path, { required: ['constant'] }, validation.found)
  checkConstant(own(value, 'constant'), below(path, 'constant'), validation)
}
