import { isNonNullType } from 'graphql'
import type { Site } from '../fields/site'

/** A row that cannot be predicted is null; a non-null field would take its neighbours with it. */
export function checkNullableField(site: Site): void {
  const { type } = site.field
  if (!isNonNullType(type)) return
  site.refuse(
    `must be nullable, since a row that cannot be predicted is null, got ${type}; write ${type.ofType}`,
  )
}
