import { nearMiss } from '../../lib/files/nearMiss'
import { printType } from '../../models/types/parseType'
import { readUnit } from '../ruleSet/reference'
import { checkInput } from './condition'
import type { Part } from './part'
import { checkPercent } from './percent'
import type { ValidationContext } from './validationContext'

/** Checks `percent`, `salt` and `unit` of a canary or shadow. */
export function checkDraw(draw: Part, context: ValidationContext): void {
  checkPercent(draw.at('percent'))
  draw.at('salt').text()
  checkUnit(draw.at('unit'), context)
}

/** Checks `context.KEY`, a key that not everybody may set, or `input.NAME`, a declared input that is no list. */
export function checkUnit(
  part: Part,
  { known, contract }: Partial<Pick<ValidationContext, 'known' | 'contract'>>,
): void {
  const { value } = part
  if (value === undefined) return
  const unit = typeof value === 'string' ? readUnit(value) : undefined
  if (unit === undefined) part.mustBe('context.KEY or input.NAME')
  else if (unit.from === 'input') {
    checkInput(unit.name, value as string, part, contract)
    const type = contract?.inputs.find((input) => input.name === unit.name)?.type
    if (type?.kind === 'list') part.refuse(`must be one value, got ${value}, which is ${printType(type)}`)
  } else if (known?.freeKeys.has(unit.name)) {
    part.refuse(`must come from token or edge, got ${value}, which is declared with from: client`)
  } else if (known?.contextKeys !== undefined && !known.contextKeys.has(unit.name)) {
    part.refuse(`must be a declared context key, got ${value}${nearMiss(unit.name, known.contextKeys)}`)
  }
}
