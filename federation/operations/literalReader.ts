import {
  type GraphQLEnumType,
  type GraphQLInputObjectType,
  type GraphQLInputType,
  type GraphQLList,
  type GraphQLScalarType,
  getNamedType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isRequiredInputField,
  isSpecifiedScalarType,
  Kind,
  type ListValueNode,
  type ObjectValueNode,
  type ValueNode,
} from 'graphql'

/**
 * Converts a literal to the value that a client would send in a variable with the same meaning. Undefined if the
 * literal does not have the type, or if a variable might mean something else.
 */
export type LiteralReader = (literal: ValueNode) => unknown

/**
 * Undefined for custom scalars and lists of them, which may read literals in their own way. `maxItems` bounds each
 * list. The reader of an input object returns undefined if a member is such a scalar.
 */
export function compileLiteralReader(type: GraphQLInputType, maxItems: number): LiteralReader | undefined {
  const named = getNamedType(type)
  if (!isEnumType(named) && !isInputObjectType(named) && !isSpecifiedScalarType(named)) return undefined
  return (literal) => read(literal, type, maxItems)
}

function read(literal: ValueNode, type: GraphQLInputType, maxItems: number): unknown {
  if (isNonNullType(type))
    return literal.kind === Kind.NULL ? undefined : read(literal, type.ofType, maxItems)
  if (literal.kind === Kind.NULL) return null
  if (isListType(type)) return readList(literal, type, maxItems)
  if (isInputObjectType(type)) {
    return literal.kind === Kind.OBJECT ? readObject(literal, type, maxItems) : undefined
  }
  return isEnumType(type) ? readEnum(literal, type) : readScalar(literal, type)
}

function readList(
  literal: ValueNode,
  { ofType }: GraphQLList<GraphQLInputType>,
  maxItems: number,
): unknown[] | undefined {
  // A single value where a list is expected is coerced to a list of one.
  const { values } = literal.kind === Kind.LIST ? (literal as ListValueNode) : { values: [literal] }
  if (values.length > maxItems) return undefined
  const items: unknown[] = []
  for (const value of values) {
    const item = read(value, ofType, maxItems)
    if (item === undefined) return undefined
    items.push(item)
  }
  return items
}

function readObject(
  { fields }: ObjectValueNode,
  type: GraphQLInputObjectType,
  maxItems: number,
): Record<string, unknown> | undefined {
  if (type.isOneOf) return undefined
  const known = type.getFields()
  const members: Record<string, unknown> = {}
  for (const { name, value } of fields) {
    if (!Object.hasOwn(known, name.value) || Object.hasOwn(members, name.value)) return undefined
    const member = read(value, known[name.value].type, maxItems)
    if (member === undefined) return undefined
    members[name.value] = member
  }
  for (const name in known) {
    if (isRequiredInputField(known[name]) && !Object.hasOwn(members, name)) return undefined
  }
  return members
}

function readEnum(literal: ValueNode, type: GraphQLEnumType): string | undefined {
  return literal.kind === Kind.ENUM && type.getValue(literal.value) ? literal.value : undefined
}

function readScalar(literal: ValueNode, type: GraphQLScalarType): unknown {
  // A custom scalar may read literals in its own way.
  if (!isSpecifiedScalarType(type)) return undefined
  try {
    const value = type.parseLiteral(literal)
    // JSON has neither infinity, which `1e999` means, nor a negative zero.
    const isLost =
      value === Number.POSITIVE_INFINITY || value === Number.NEGATIVE_INFINITY || Object.is(value, -0)
    return isLost ? undefined : value
  } catch {
    return undefined
  }
}
