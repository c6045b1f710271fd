import { isMap } from '../../lib/isMap'
import { printType } from '../../models/types/parseType'
import type { ValueType } from '../../models/types/valueType'
import { compileValidator, ValidationError } from '../../models/validation/validator'
import type { Part } from './part'
import type { ValidationContext } from './validationContext'

/** Checks that a fallback's constant has exactly the outputs of the objective, and that each fits its type. */
export function checkConstant(constant: Part, { contract }: ValidationContext): void {
  if (constant.isGiven && !isMap(constant.value)) constant.mustBe('a map from outputs to values')
  if (!isMap(constant.value) || contract?.outputs === undefined) return
  checkRecord(constant, Object.fromEntries(contract.outputs.map(({ name, type }) => [name, type])))
}

function checkRecord(record: Part, fields: Readonly<Record<string, ValueType>>): void {
  for (const [key, entry] of record.entries) {
    if (!Object.hasOwn(fields, key)) entry.refuse(`is not one of ${Object.keys(fields).join(', ')}`)
  }
  for (const [name, type] of Object.entries(fields)) {
    const entry = record.at(name)
    if (entry.isGiven) checkValue(entry, type)
    else entry.refuse(`must be given (${printType(type)}), got nothing`)
  }
}

function checkValue(part: Part, type: ValueType): void {
  switch (type.kind) {
    case 'list':
      if (!Array.isArray(part.value)) part.mustBe('a list')
      for (const item of part.items) checkValue(item, type.of)
      return
    case 'record':
      if (!isMap(part.value)) part.mustBe('a map')
      else checkRecord(part, type.fields)
      return
    case 'entity':
      // In the form of a prediction: a stub, which the owning subgraph completes.
      if (!isMap(part.value)) part.mustBe(`a ${type.of} as { id: ... }`)
      else checkRecord(part, { id: { kind: 'ID' } })
      return
    default: {
      const { value: validate } = compileValidator({ name: '', type, nullable: false, onNull: 'error' })
      const validated = validate(part.value)
      if (validated instanceof ValidationError) part.refuse(`${validated.expectation}, got ${validated.got}`)
    }
  }
}
