import { show } from '../../lib/errors'
import { nearMiss } from '../../lib/files/nearMiss'
import { printType } from '../../models/types/parseType'
import { below } from '../ruleSet/problems'
import { readUnit } from '../ruleSet/reference'
import { checkInput } from './condition'
import { checkPercent } from './percent'
import { checkText, type Entries, own } from './shape'
import type { ValidationContext } from './validationContext'

/** Checks `percent`, `salt` and `unit` of a canary or shadow. */
export function checkDraw(draw: Entries, path: string, validation: ValidationContext): void {
  checkPercent(own(draw, 'percent'), below(path, 'percent'), validation.found)
  checkText(own(draw, 'salt'), below(path, 'salt'), validation.found)
  checkUnit(own(draw, 'unit'), below(path, 'unit'), validation)
}

/**
 * Checks a unit: `context.KEY`, with a key that not everybody may set, or `input.NAME`, with an input that the
 * objective declares and that is no list.
 */
export function checkUnit(
  value: unknown,
  path: string,
  { found, known, contract }: Pick<ValidationContext, 'found' | 'known' | 'contract'>,
): void {
  if (value === undefined) return
  const unit = typeof value === 'string' ? readUnit(value) : undefined
  if (unit === undefined) found.refuse(path, `must be context.KEY or input.NAME, got ${show(value)}`)
  else if (unit.from === 'input') {
    checkInput(unit.name, value as string, path, { found, contract })
    const type = contract?.inputs.find((input) => input.name === unit.name)?.type
    if (type?.kind === 'list')
      found.refuse(path, `must be one value, got ${value}, which is ${printType(type)}`)
  } else if (known?.freeKeys.has(unit.name)) {
    found.refuse(path, `must come from token or edge, got ${value}, which is declared with from: client`)
  } else if (known?.contextKeys !== undefined && !known.contextKeys.has(unit.name)) {
    found.refuse(
      path,
      `must be a declared context key, got ${value}${nearMiss(unit.name, known.contextKeys)}`,
    )
  }
}
