import { isNonNullType } from 'graphql'
import type { Site } from '../fields/site'

/** A row that cannot be predicted is null; in a non-null field it would make its siblings null too. */
export function checkNullableField(site: Site): void {
  const { type } = site.field
  if (!isNonNullType(type)) return
  site.refuse(
    `must be nullable, since a row that cannot be predicted is null, got ${type}; write ${type.ofType}`,
  )
}
