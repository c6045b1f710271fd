import { type GraphQLNamedType, type GraphQLType, isLeafType, isListType, isNonNullType } from 'graphql'

/** The type of a path's value: every list on the path is flattened into one. */
export interface SourceType {
  readonly named: GraphQLNamedType
  readonly list: boolean
  /** Whether the lists do not flatten into one: a list of lists, or a list of values within a list. */
  readonly nested: boolean
  readonly nullable: boolean
  /** Whether an item of the list may be null, perhaps because of a null on the path. */
  readonly itemNullable: boolean
}

/** The type after one more step of a path; `before` is the type of the object that the step reads. */
export function stepInto(type: GraphQLType, before?: SourceType): SourceType {
  let depth = 0
  let nullable = before?.nullable ?? false
  let itemNullable = before?.itemNullable ?? false
  let rest = type
  for (;;) {
    if (isNonNullType(rest)) rest = rest.ofType
    else if (before?.list || depth > 0) itemNullable = true
    else nullable = true
    if (!isListType(rest)) break
    depth += 1
    rest = rest.ofType
  }
  const named = rest as GraphQLNamedType
  return {
    named,
    list: before?.list === true || depth > 0,
    nested: before?.nested === true || depth > 1 || (before?.list === true && depth > 0 && isLeafType(named)),
    nullable,
    itemNullable,
  }
}

/** In GraphQL's schema language, such as `[ID!]!`. */
export function showSourceType(type: SourceType): string {
  const item = `${type.named.name}${type.itemNullable ? '' : '!'}`
  if (type.nested) return `a list of lists of ${type.named.name}`
  if (type.list) return `[${item}]${type.nullable ? '' : '!'}`
  return `${type.named.name}${type.nullable ? '' : '!'}`
}
