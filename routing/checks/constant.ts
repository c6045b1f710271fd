import { show } from '../../lib/errors'
import { isMap } from '../../lib/isMap'
import { printType } from '../../models/types/parseType'
import type { ValueType } from '../../models/types/valueType'
import { compileValidator, ValidationError } from '../../models/validation/validator'
import { below, type RuleProblems } from '../ruleSet/problems'
import { own } from './shape'
import type { ValidationContext } from './validationContext'

/** Checks that a fallback's constant has exactly the outputs of the objective, and that each fits its type. */
export function checkConstant(value: unknown, path: string, { found, contract }: ValidationContext): void {
  if (!isMap(value)) {
    if (value !== undefined) found.refuse(path, `must be a map from outputs to values, got ${show(value)}`)
    return
  }
  if (contract?.outputs === undefined) return
  const fields = Object.fromEntries(contract.outputs.map(({ name, type }) => [name, type]))
  checkRecord(value, fields, path, found)
}

function checkRecord(
  value: Readonly<Record<string, unknown>>,
  fields: Readonly<Record<string, ValueType>>,
  path: string,
  found: RuleProblems,
): void {
  for (const key of Object.keys(value)) {
    if (Object.hasOwn(fields, key) || key === '__proto__') continue
    found.refuse(below(path, key), `is not one of ${Object.keys(fields).join(', ')}`)
  }
  for (const [name, type] of Object.entries(fields)) {
    const at = below(path, name)
    const inner = own(value, name)
    if (inner === undefined) found.refuse(at, `must be given (${printType(type)}), got nothing`)
    else checkValue(inner, type, at, found)
  }
}

function checkValue(value: unknown, type: ValueType, path: string, found: RuleProblems): void {
  switch (type.kind) {
    case 'list':
      if (!Array.isArray(value)) found.refuse(path, `must be a list, got ${show(value)}`)
      else for (const [at, item] of value.entries()) checkValue(item, type.of, below(path, at), found)
      return
    case 'record':
      if (!isMap(value)) found.refuse(path, `must be a map, got ${show(value)}`)
      else checkRecord(value, type.fields, path, found)
      return
    case 'entity':
      // In the form of a prediction: a stub, which the owning subgraph completes.
      if (!isMap(value)) found.refuse(path, `must be a ${type.of} as { id: ... }, got ${show(value)}`)
      else checkRecord(value, { id: { kind: 'ID' } }, path, found)
      return
    default: {
      const { value: validate } = compileValidator({ name: '', type, nullable: false, onNull: 'error' })
      const validated = validate(value)
      if (validated instanceof ValidationError)
        found.refuse(path, `${validated.expectation}, got ${validated.got}`)
    }
  }
}
