import type { OutputSpec } from '../../models/contracts/objective'
import type { ValueType } from '../../models/types/valueType'

/** Reads what is counted of one output, or of one field of a record. */
export interface OutputReader {
  /** The output's name, with the field's: `rating`, `estimate.low`. */
  readonly name: string
  readonly kind: 'Int' | 'Float' | 'Boolean' | 'String' | 'enum'
  /** Of the output's value; null and undefined are not counted. */
  read(value: unknown): unknown
}

/** What can be counted of an output: nothing of lists, ids and entities. */
export function outputReadersOf({ name, type }: OutputSpec): readonly OutputReader[] {
  if (type.kind !== 'record') return readers(name, type, (value) => value)
  return Object.entries(type.fields).flatMap(([field, of]) =>
    readers(`${name}.${field}`, of, (value) => (value as Readonly<Record<string, unknown>> | null)?.[field]),
  )
}

function readers(name: string, { kind }: ValueType, read: OutputReader['read']): readonly OutputReader[] {
  switch (kind) {
    case 'Int':
    case 'Float':
    case 'Boolean':
    case 'String':
    case 'enum':
      return [{ name, kind, read }]
    default:
      return []
  }
}
