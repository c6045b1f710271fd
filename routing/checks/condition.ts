import { show } from '../../lib/errors'
import { nearMiss } from '../../lib/files/nearMiss'
import { isMap } from '../../lib/isMap'
import { type OperandKind, operators } from '../predicates/operators'
import { isRange } from '../predicates/semver'
import { below, type RuleProblems } from '../ruleSet/problems'
import { readKey } from '../ruleSet/reference'
import { checkList } from './shape'
import type { ValidationContext } from './validationContext'

/** Checks `when`, and every condition in it. */
export function checkCondition(value: unknown, path: string, validation: ValidationContext): void {
  const { found } = validation
  if (!isMap(value)) {
    found.refuse(path, `must be a map of what must hold, got ${show(value)}`)
    return
  }
  for (const [key, inner] of Object.entries(value)) {
    const at = below(path, key)
    if (key === '__proto__') continue // reported already
    if (key === 'all' || key === 'any') {
      checkList(inner, at, 'conditions', found).forEach((one, index) => {
        checkCondition(one, below(at, index), validation)
      })
    } else if (key === 'not') checkCondition(inner, at, validation)
    else {
      checkKey(key, at, validation)
      checkOperand(inner, at, found)
    }
  }
}

function checkKey(key: string, path: string, { found, contract, known }: ValidationContext): void {
  const reference = readKey(key)
  if (reference === undefined) {
    found.refuse(path, 'must be a context key, input.NAME, all, any or not')
  } else if (reference.from === 'input') {
    checkInput(reference.name, key, path, { found, contract })
  } else if (known?.contextKeys !== undefined && !known.contextKeys.has(reference.name)) {
    const isInput = contract?.inputs.some((input) => input.name === reference.name)
    const meant = isInput
      ? `; did you mean "input.${reference.name}"?`
      : nearMiss(reference.name, known.contextKeys)
    found.refuse(path, `is not a declared context key${meant}`)
  }
}

/** Only inputs that the objective declares are allowed, not features of a model. */
export function checkInput(
  name: string,
  text: string,
  path: string,
  { found, contract }: Pick<ValidationContext, 'found' | 'contract'>,
): void {
  if (contract === undefined || contract.inputs.some((input) => input.name === name)) return
  const names = contract.inputs.map((input) => input.name).join(', ') || 'there is none'
  found.refuse(path, `must name an input of the objective (${names}), got ${show(text)}`)
}

/** A scalar, or a map of operators. */
function checkOperand(value: unknown, path: string, found: RuleProblems): void {
  if (isScalar(value)) return
  if (!isMap(value)) {
    found.refuse(path, `must be ${expectations.scalar} or a map of operators, got ${show(value)}`)
    return
  }
  for (const [name, operand] of Object.entries(value)) {
    if (name === '__proto__') continue
    const at = below(path, name)
    const operator = operators.get(name)
    if (operator === undefined)
      found.refuse(at, `is not one of the operators ${[...operators.keys()].join(', ')}`)
    else if (operator.takes === 'scalars' && Array.isArray(operand)) {
      operand.forEach((one, index) => {
        if (!isScalar(one)) found.refuse(below(at, index), `must be ${expectations.scalar}, got ${show(one)}`)
      })
    } else if (!fits(operand, operator.takes)) {
      found.refuse(at, `must be ${expectations[operator.takes]}, got ${show(operand)}`)
    }
  }
}

const expectations: Readonly<Record<OperandKind, string>> = {
  scalar: 'text, a number, true or false',
  scalars: 'a list',
  ordered: 'a number or text',
  text: 'text',
  range: 'a range of versions such as ">=3.2.0"',
  flag: 'true or false',
}

function fits(operand: unknown, kind: OperandKind): boolean {
  switch (kind) {
    case 'scalar':
      return isScalar(operand)
    case 'ordered':
      return isScalar(operand) && typeof operand !== 'boolean'
    case 'text':
      return typeof operand === 'string'
    case 'range':
      return typeof operand === 'string' && isRange(operand)
    case 'flag':
      return typeof operand === 'boolean'
    default:
      return false
  }
}

function isScalar(value: unknown): boolean {
  return typeof value === 'string' || typeof value === 'boolean' || Number.isFinite(value)
}
