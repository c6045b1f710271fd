import { checkUnit } from './draw'
import type { Part } from './part'
import { checkPercent, checkSum } from './percent'
import type { ValidationContext } from './validationContext'
import { checkAnswering, checkExists, isVersion } from './version'

/** Checks `experiments.NAME`, independently of the objectives that use it. */
export function checkExperiment(experiment: Part, known: ValidationContext['known']): void {
  if (!experiment.hasKeys(['salt', 'cells'], ['unit'])) return
  experiment.at('salt').text()
  checkUnit(experiment.at('unit'), {})
  const cells = experiment.at('cells')
  for (const cell of cells.list('cells')) {
    if (!cell.hasKeys(['name', 'percent', 'use'])) continue
    cell.at('name').text()
    checkPercent(cell.at('percent'))
    checkExists(cell.at('use'), known)
  }
  cells.distinctNames()
  checkSum(cells)
}

/** Checks an experiment for an objective that uses it: its unit, and that its versions may answer. */
export function checkExperimentFor(name: string, context: ValidationContext): void {
  const experiment = context.experiments.at(name)
  checkUnit(experiment.at('unit'), context)
  for (const cell of experiment.at('cells').items) {
    if (isVersion(cell.at('use').value)) checkAnswering(cell.at('use'), context)
  }
}
