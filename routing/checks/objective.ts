import { show } from '../../lib/errors'
import { below } from '../ruleSet/problems'
import { checkCondition } from './condition'
import { checkConstant } from './constant'
import { checkDraw } from './draw'
import { checkLimits } from './limits'
import { checkKeys, checkList, checkText, checkUnique, isMap, own } from './shape'
import type { Site } from './site'
import { checkUse } from './use'
import { checkAnswering, checkVersion } from './version'

/** Everything below `objectives.NAME`. */
export function checkObjective(value: unknown, path: string, site: Site): void {
  const { found } = site
  const keys = { required: ['default'], optional: ['rules', 'canary', 'shadow', 'fallback', 'limits'] }
  const rules = checkKeys(value, path, keys, found)
  if (rules === undefined) return
  checkRules(own(rules, 'rules'), below(path, 'rules'), site)
  checkUse(own(rules, 'default'), below(path, 'default'), site)
  checkCanary(own(rules, 'canary'), below(path, 'canary'), site)
  const shadows = below(path, 'shadow')
  checkList(own(rules, 'shadow'), shadows, 'shadows', found).forEach((shadow, at) => {
    checkShadow(shadow, below(shadows, at), site)
  })
  const fallbacks = below(path, 'fallback')
  checkList(own(rules, 'fallback'), fallbacks, 'versions and constants', found).forEach((fallback, at) => {
    checkFallback(fallback, below(fallbacks, at), site)
  })
  checkLimits(own(rules, 'limits'), below(path, 'limits'), site)
}

function checkRules(value: unknown, path: string, site: Site): void {
  const rules = checkList(value, path, 'rules', site.found)
  rules.forEach((one, index) => {
    const at = below(path, index)
    const rule = checkKeys(one, at, { required: ['name', 'use'], optional: ['when'] }, site.found)
    if (rule === undefined) return
    checkText(own(rule, 'name'), below(at, 'name'), site.found)
    const when = own(rule, 'when')
    if (when !== undefined) checkCondition(when, below(at, 'when'), site)
    checkUse(own(rule, 'use'), below(at, 'use'), site)
  })
  checkUnique(rules, path, site.found)
}

function checkCanary(value: unknown, path: string, site: Site): void {
  if (value === undefined) return
  const { found } = site
  const keys = { required: ['of', 'to', 'percent', 'salt'], optional: ['unit'] }
  const canary = checkKeys(value, path, keys, found)
  if (canary === undefined) return
  const to = own(canary, 'to')
  checkVersion(own(canary, 'of'), below(path, 'of'), site)
  checkAnswering(to, below(path, 'to'), site)
  if (to !== undefined && to === own(canary, 'of')) {
    found.refuse(below(path, 'to'), `must be another version than of, got ${show(to)}`)
  }
  checkDraw(canary, path, site)
}

function checkShadow(value: unknown, path: string, site: Site): void {
  const keys = { required: ['model', 'percent', 'salt'], optional: ['unit'] }
  const shadow = checkKeys(value, path, keys, site.found)
  if (shadow === undefined) return
  checkVersion(own(shadow, 'model'), below(path, 'model'), site)
  checkDraw(shadow, path, site)
}

function checkFallback(value: unknown, path: string, site: Site): void {
  if (!isMap(value)) {
    checkVersion(value, path, site)
    return
  }
  checkKeys(value, path, { required: ['constant'] }, site.found)
  checkConstant(own(value, 'constant'), below(path, 'constant'), site)
}
