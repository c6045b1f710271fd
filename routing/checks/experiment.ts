import { isMap } from '../../lib/isMap'
import { below } from '../ruleSet/problems'
import { checkUnit } from './draw'
import { checkPercent, checkSum } from './percent'
import { checkKeys, checkList, checkText, checkUnique, own } from './shape'
import type { ValidationContext } from './validationContext'
import { checkAnswering, checkExists, isVersion } from './version'

/** Checks `experiments.NAME`, independently of the objectives that use it. */
export function checkExperiment(
  value: unknown,
  path: string,
  validation: Pick<ValidationContext, 'found' | 'known'>,
): void {
  const { found } = validation
  const experiment = checkKeys(value, path, { required: ['salt', 'cells'], optional: ['unit'] }, found)
  if (experiment === undefined) return
  checkText(own(experiment, 'salt'), below(path, 'salt'), found)
  checkUnit(own(experiment, 'unit'), below(path, 'unit'), { found, known: undefined, contract: undefined })
  const at = below(path, 'cells')
  if (own(experiment, 'cells') === undefined) return
  const isList = Array.isArray(own(experiment, 'cells'))
  const cells = checkList(own(experiment, 'cells'), at, 'cells', found)
  cells.forEach((one, index) => {
    const cellPath = below(at, index)
    const cell = checkKeys(one, cellPath, { required: ['name', 'percent', 'use'] }, found)
    if (cell === undefined) return
    checkText(own(cell, 'name'), below(cellPath, 'name'), found)
    checkPercent(own(cell, 'percent'), below(cellPath, 'percent'), found)
    checkExists(own(cell, 'use'), below(cellPath, 'use'), validation)
  })
  checkUnique(cells, at, found)
  if (isList) checkSum(cells, at, found)
}

/** Checks an experiment for an objective that uses it: its unit, and that its versions may answer. */
export function checkExperimentFor(name: string, validation: ValidationContext): void {
  const experiment = own(validation.experiments, name)
  if (!isMap(experiment)) return
  const path = below('experiments', name)
  const cells = own(experiment, 'cells')
  checkUnit(own(experiment, 'unit'), below(path, 'unit'), validation)
  if (!Array.isArray(cells)) return
  cells.forEach((cell: unknown, index) => {
    const use = isMap(cell) ? own(cell, 'use') : undefined
    if (isVersion(use)) checkAnswering(use, below(below(below(path, 'cells'), index), 'use'), validation)
  })
}
