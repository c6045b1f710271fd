import { type GraphQLNamedType, isEnumType, isInputObjectType, isInterfaceType, isObjectType } from 'graphql'
import type { InputSpec } from '../../models/contracts/objective'
import { printType } from '../../models/types/parseType'
import { plainTypes, type ValueType } from '../../models/types/valueType'
import type { Site } from '../fields/site'
import type { Source } from '../fields/source'
import { type SourceType, showSourceType } from '../fields/sourceType'

/**
 * Whether the values of a source are values of the input: the same scalar (`Int` also for `Float`), an enum for
 * `String` or for an enum input that has all its labels, lists item by item and without null items. Custom scalars fit
 * nothing.
 */
export function checkInputType(site: Site, label: string, spec: InputSpec, source: Source): boolean {
  const fits = inputFits(source, spec.type)
  if (!fits) {
    site.refuse(
      `${source.text} must be ${printType(spec.type)} for input "${spec.name}" of ${label}, got ${showType(source)}${goOn(source)}`,
    )
  }
  return fits
}

/** Whether the source's values, apart from null, are values of the type. */
export function inputFits({ type: source }: Source, type: ValueType): boolean {
  // Context types are coarser than GraphQL types: a header's value is a string even if it contains an id.
  return typeof source === 'string' ? source === plainTypes[type.kind] : sourceFits(source, type)
}

function sourceFits(source: SourceType, type: ValueType): boolean {
  if (source.nested) return false
  if (type.kind !== 'list') return !source.list && leafFits(source.named, type)
  return source.list && !source.itemNullable && leafFits(source.named, type.of)
}

function leafFits(named: GraphQLNamedType, type: ValueType): boolean {
  if (isEnumType(named)) {
    if (type.kind === 'String') return true
    return type.kind === 'enum' && named.getValues().every((value) => type.labels.includes(value.name))
  }
  return named.name === type.kind || (named.name === 'Int' && type.kind === 'Float')
}

function showType({ type }: Source): string {
  if (typeof type === 'string') return `the context's ${type}`
  if (!isEnumType(type.named)) return showSourceType(type)
  return `${showSourceType(type)} (${type.named
    .getValues()
    .map((value) => value.name)
    .join(' | ')})`
}

function goOn(source: Source): string {
  const named = typeof source.type === 'string' ? undefined : source.type.named
  if (!isInputObjectType(named) && !isObjectType(named) && !isInterfaceType(named)) return ''
  return `; continue to a field of ${named.name}, such as "${source.text}.${Object.keys(named.getFields())[0]}"`
}
