import {
  type GraphQLObjectType,
  type GraphQLResolveInfo,
  type GraphQLSchema,
  getNullableType,
  isListType,
  SchemaMetaFieldDef,
  TypeMetaFieldDef,
} from 'graphql'
import type { FetchedField, NormalVariable, Place } from '../../federation/operations/normalOperation'
import type { AnswerWork } from '../../lib/execution/answerWork'

/**
 * Whether the work takes all values that answer questions about the schema. Call it before graphql-js makes them, which
 * it does in one go: a short document can ask for the fields of the types of the fields of all types, each many times.
 */
export function takesIntrospection(
  work: AnswerWork,
  root: Place,
  schema: GraphQLSchema,
  read: (variable: NormalVariable) => unknown,
): boolean {
  // Resolvers of introspection look at nothing else.
  const info = { schema } as GraphQLResolveInfo

  function takesObject(place: Place, source: unknown, where: string): boolean {
    const [{ type, fetched }] = place.shapes.values()
    if (!work.takes(fetched.length, where)) return false
    return fetched.every((field) => takesField(type as GraphQLObjectType, field, source))
  }

  function takesField(parent: GraphQLObjectType, field: FetchedField, source: unknown): boolean {
    const { name, args, place } = field
    if (place === undefined && !isListType(getNullableType(field.type))) return true
    const given = Object.fromEntries(args.map((argument) => [argument.name, read(argument.variable)]))
    const value: unknown = definitionOf(parent, name).resolve?.(source, given, undefined, info)
    if (value === undefined || value === null) return true
    const where = `${parent.name}.${name}`
    if (!Array.isArray(value)) return takesObject(place!, value, where)
    if (!work.takes(value.length, where)) return false
    return place === undefined || value.every((item) => takesObject(place, item, where))
  }

  return takesObject(root, undefined, root.type.name)
}

function definitionOf(parent: GraphQLObjectType, name: string) {
  if (name === SchemaMetaFieldDef.name) return SchemaMetaFieldDef
  return name === TypeMetaFieldDef.name ? TypeMetaFieldDef : parent.getFields()[name]
}
