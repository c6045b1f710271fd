import { getNullableType, isListType } from 'graphql'
import type { FetchedField, Place, Shape } from '../../federation/operations/normalOperation'

/** The one field of an operation, a list of objects of one type. */
export interface ListPlace {
  readonly field: FetchedField
  readonly shape: Shape
}

/** Undefined if the operation has other fields, or if the objects can have several types. */
export function listPlaceOf({ shapes }: Place): ListPlace | undefined {
  const [root] = shapes.values()
  const [field, ...others] = root?.shown ?? []
  if (field?.key === undefined || others.length > 0 || root.failure !== undefined) return undefined
  const type = getNullableType(field.type)
  if (!isListType(type) || isListType(getNullableType(type.ofType))) return undefined
  const [shape, ...further] = field.place?.shapes.values() ?? []
  if (shape === undefined || further.length > 0 || shape.failure !== undefined) return undefined
  return { field, shape }
}
