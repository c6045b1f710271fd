import type { ValueType } from './valueType'

/**
 * Whether every value of type `given` is one of type `wanted`. Whole numbers are numbers and labels are text; an ID
 * fits only an ID; a record may have more fields than wanted.
 */
export function typeFits(given: ValueType, wanted: ValueType): boolean {
  switch (wanted.kind) {
    case 'Float':
      return given.kind === 'Float' || given.kind === 'Int'
    case 'String':
      return given.kind === 'String' || given.kind === 'enum'
    case 'enum':
      return given.kind === 'enum' && given.labels.every((label) => wanted.labels.includes(label))
    case 'entity':
      return given.kind === 'entity' && given.of === wanted.of
    case 'list':
      return given.kind === 'list' && typeFits(given.of, wanted.of)
    case 'record':
      return (
        given.kind === 'record' &&
        Object.entries(wanted.fields).every(
          ([name, field]) => Object.hasOwn(given.fields, name) && typeFits(given.fields[name], field),
        )
      )
    default:
      return given.kind === wanted.kind
  }
}
