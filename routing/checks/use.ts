import { listed } from '../../lib/files/nearMiss'
import { keyText } from '../../lib/files/shapeProblems'
import { isMap } from '../../lib/isMap'
import type { Part } from './part'
import type { ValidationContext } from './validationContext'
import { checkAnswering } from './version'

/** Checks `name@version` or `{ experiment: name }`. */
export function checkUse(use: Part, context: ValidationContext): void {
  if (!isMap(use.value)) {
    checkAnswering(use, context)
    return
  }
  use.hasKeys(['experiment'])
  const { experiments } = context
  const experiment = use.at('experiment')
  const name = experimentOf(use)
  if (!experiment.isGiven || (name !== undefined && experiments.has(name))) return
  const names = () => experiments.entries.map(([known]) => keyText(known)).sort()
  experiment.mustBe(experiment.isOneOfMany ? 'an experiment' : `an experiment (${listed(names())})`)
}

/** The name of the experiment that a `use` names, if any. */
export function experimentOf(use: Part): string | undefined {
  const { value } = use.at('experiment')
  return typeof value === 'string' ? value : undefined
}
