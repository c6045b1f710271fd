import { show } from '../../lib/errors'
import { nearMiss } from '../../lib/files/nearMiss'
import { isMap } from '../../lib/isMap'
import { type OperandKind, operators } from '../predicates/operators'
import { isRange } from '../predicates/semver'
import { readKey } from '../ruleSet/reference'
import type { Part } from './part'
import type { ValidationContext } from './validationContext'

/** Checks `when`, and every condition in it. */
export function checkCondition(when: Part, context: ValidationContext): void {
  if (!isMap(when.value)) when.mustBe('a map of what must hold')
  for (const [key, inner] of when.entries) {
    if (key === 'all' || key === 'any') {
      // In TypeScript it may be undefined, which a stored text leaves out: the rule would then match every request.
      if (!inner.isGiven) inner.mustBe('a list of conditions')
      for (const one of inner.list('conditions')) checkCondition(one, context)
    } else if (key === 'not') checkCondition(inner, context)
    else if (readKey(key) === undefined)
      inner.refuse(`must be a context key, input.NAME, all, any or not, got ${show(key)}`)
    else {
      checkKey(key, inner, context)
      checkOperand(inner)
    }
  }
}

function checkKey(key: string, entry: Part, { contract, known }: ValidationContext): void {
  const reference = readKey(key)!
  if (reference.from === 'input') checkInput(reference.name, key, entry, contract)
  else if (known?.contextKeys !== undefined && !known.contextKeys.has(reference.name)) {
    const isInput = contract?.inputs.some((input) => input.name === reference.name)
    const meant = isInput
      ? `; did you mean "input.${reference.name}"?`
      : entry.isOneOfMany
        ? ''
        : nearMiss(reference.name, known.contextKeys)
    entry.refuse(`is not a declared context key${meant}`)
  }
}

/** Only inputs that the objective declares are allowed, not features of a model. `text` is what names it. */
export function checkInput(
  name: string,
  text: string,
  part: Part,
  contract: ValidationContext['contract'],
): void {
  if (contract === undefined || contract.inputs.some((input) => input.name === name)) return
  const names = contract.inputs.map((input) => input.name).join(', ') || 'there is none'
  part.refuse(`must name an input of the objective (${names}), got ${show(text)}`)
}

/** A scalar, or a map of operators. */
function checkOperand(operand: Part): void {
  if (isScalar(operand.value)) {
    warnOfRounding(operand)
    return
  }
  if (!isMap(operand.value)) operand.mustBe(`${operands.scalar.words} or a map of operators`)
  for (const [name, inner] of operand.entries) {
    const operator = operators.get(name)
    if (operator === undefined) {
      inner.refuse(`is not one of the operators ${[...operators.keys()].join(', ')}`)
      continue
    }
    const { words, fits } = operands[operator.takes]
    if (!fits(inner.value)) inner.mustBe(words)
    if (operator.takes === 'scalar') warnOfRounding(inner)
    for (const one of operator.takes === 'scalars' ? inner.items : []) {
      if (!isScalar(one.value)) one.mustBe(operands.scalar.words)
      warnOfRounding(one)
    }
  }
}

/** Several whole numbers are read as this one, those of requests too, so that a rule for one id would be for all of them. */
function warnOfRounding(scalar: Part): void {
  const { value } = scalar
  if (!Number.isInteger(value) || Number.isSafeInteger(value)) return
  scalar.warn(
    `is beyond 2^53 - 1, where several numbers are read as ${value}; write an id as text, and declare its key as a string`,
  )
}

const operands: Readonly<
  Record<OperandKind, { readonly words: string; readonly fits: (value: unknown) => boolean }>
> = {
  scalar: { words: 'text, a number, true or false', fits: isScalar },
  scalars: { words: 'a list', fits: Array.isArray },
  ordered: { words: 'a number or text', fits: (value) => isScalar(value) && typeof value !== 'boolean' },
  text: { words: 'text', fits: (value) => typeof value === 'string' },
  range: {
    words: 'a range of versions such as ">=3.2.0"',
    fits: (value) => typeof value === 'string' && isRange(value),
  },
  flag: { words: 'true or false', fits: (value) => typeof value === 'boolean' },
}

function isScalar(value: unknown): boolean {
  return typeof value === 'string' || typeof value === 'boolean' || Number.isFinite(value)
}
