import { show } from '../../lib/errors'
import { keyText } from '../../lib/files/shapeProblems'
import { isMap } from '../../lib/isMap'
import { below } from '../ruleSet/problems'
import { checkKeys, own } from './shape'
import type { ValidationContext } from './validationContext'
import { checkAnswering } from './version'

/** Checks `name@version` or `{ experiment: name }`. */
export function checkUse(value: unknown, path: string, validation: ValidationContext): void {
  if (!isMap(value)) {
    checkAnswering(value, path, validation)
    return
  }
  const { found, experiments } = validation
  checkKeys(value, path, { required: ['experiment'] }, found)
  const name = own(value, 'experiment')
  if (name === undefined || (typeof name === 'string' && Object.hasOwn(experiments, name))) return
  const names = Object.keys(experiments).sort().map(keyText).join(', ') || 'there is none'
  found.refuse(below(path, 'experiment'), `must be an experiment (${names}), got ${show(name)}`)
}

/** The name of the experiment that a `use` names, if any. */
export function experimentOf(use: unknown): string | undefined {
  const name = isMap(use) ? own(use, 'experiment') : undefined
  return typeof name === 'string' ? name : undefined
}
