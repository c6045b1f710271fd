import type { OutputSpec } from '../../models/contracts/objective'
import type { ValueType } from '../../models/types/valueType'

/** One output, or one field of a record output. */
export interface OutputPart {
  /** The output's name, with the field's: `rating`, `estimate.low`. */
  readonly name: string
  readonly type: ValueType
  /** From the output's value. */
  read(value: unknown): unknown
}

/** The parts of an output that are looked at by themselves. Records are read field by field, one level deep. */
export function partsOf({ name, type }: OutputSpec): readonly OutputPart[] {
  if (type.kind !== 'record') return [{ name, type, read: (value) => value }]
  return Object.entries(type.fields).map(([field, of]) => ({
    name: `${name}.${field}`,
    type: of,
    read: (value) => (value as Readonly<Record<string, unknown>> | null)?.[field],
  }))
}
