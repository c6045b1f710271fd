import {
  buildSchema,
  defaultFieldResolver,
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLResolveInfo,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  isLeafType,
  isListType,
  isObjectType,
  isScalarType,
  responsePathAsArray,
} from 'graphql'
import { trialOf } from '../../trial'
import type { ExampleDeployment } from './deployment'
import { type Owner, type Owners, readOwners } from './owners'

/** An object as one of the subgraphs has it. */
class Placed {
  constructor(
    readonly subgraph: string,
    readonly value: unknown,
  ) {}
}

type Args = Readonly<Record<string, unknown>>
type Field = GraphQLField<unknown, unknown>

/**
 * The whole graph as one schema for graphql-js, which knows nothing of plans and fetches: each field is resolved by the resolver of a
 * subgraph that has it. Where its object comes from another subgraph, that one's `_entities` finds it by its key; where the field requires
 * fields of others, those are resolved first and go along. Predictions are made by their resolvers, row by row.
 */
export function buildOneSchema({
  supergraphSdl,
  publicSdl,
  subgraphs,
  predictions,
}: ExampleDeployment): GraphQLSchema {
  const whole = buildSchema(publicSdl)
  const graph = new JoinedGraph(subgraphs, readOwners(supergraphSdl))
  const predicted = predictedFields(whole, predictions, graph.owners)
  for (const type of Object.values(whole.getTypeMap())) {
    if (type.name.startsWith('__')) continue
    if (isScalarType(type)) giveScalarCode(type.name, whole, subgraphs)
    if (!isObjectType(type)) continue
    for (const field of Object.values(type.getFields())) {
      const isPredicted = predicted.has(`${type.name}.${field.name}`)
      field.resolve = (object, args, context, info) => {
        if (isPredicted) trialOf(context).predicted.push(responsePathAsArray(info.path))
        const value = graph.resolve(type, field, object as Placed | undefined, args, context, info)
        return isPromise(value) ? value.then((settled) => settled ?? null) : value
      }
    }
  }
  return whole
}

/** Resolves fields of objects, wherever these come from. */
class JoinedGraph {
  constructor(
    private readonly subgraphs: ReadonlyMap<string, GraphQLSchema>,
    readonly owners: Owners,
  ) {}

  /** Undefined where the object is not known to who has the field. Objects are answered as the subgraph's. */
  resolve(
    type: GraphQLObjectType,
    field: Field,
    object: Placed | undefined,
    args: Args,
    context: unknown,
    info: GraphQLResolveInfo,
  ): unknown {
    const owners = this.owners.ofField(type.name, field.name)
    const owner = owners.find(({ subgraph }) => subgraph === object?.subgraph) ?? owners[0]
    const isComposite = !isLeafType(getNamedType(field.type))
    const ask = (parent: unknown) => {
      const { resolve = defaultFieldResolver } = this.fieldOf(type.name, field.name, owner.subgraph)
      const value = resolve(parent, args, context, info)
      return isComposite ? placedIn(owner.subgraph, value) : nullable(value)
    }
    if (object === undefined) return ask(undefined)
    if (object.subgraph === owner.subgraph && owner.requires.length === 0) return ask(object.value)
    return this.entityIn(owner, type, object, context, info).then((entity) =>
      entity === null || entity === undefined ? undefined : ask(entity),
    )
  }

  /** The same object as the owner of a field has it, with what the field requires. */
  private async entityIn(
    { subgraph, requires }: Owner,
    type: GraphQLObjectType,
    object: Placed,
    context: unknown,
    info: GraphQLResolveInfo,
  ): Promise<unknown> {
    const key = this.owners.keyIn(type.name, subgraph)
    if (key === undefined) throw new Error(`${type.name} has no key in ${subgraph}`)
    const representation: Record<string, unknown> = { __typename: type.name }
    for (const name of [...key, ...requires]) {
      const value = await this.read(type, name, object, context, info)
      // What nobody knows is not sent.
      if (value !== undefined) representation[name] = value
    }
    const schema = this.schemaOf(subgraph)
    const entities = schema.getQueryType()?.getFields()['_entities']
    const found = await entities?.resolve?.(undefined, { representations: [representation] }, context, {
      ...info,
      schema,
    })
    return (found as readonly unknown[])[0]
  }

  /** A plain field as it is sent from one subgraph to another. */
  private async read(
    type: GraphQLObjectType,
    name: string,
    object: Placed,
    context: unknown,
    info: GraphQLResolveInfo,
  ): Promise<unknown> {
    const field = type.getFields()[name]
    const value = await this.resolve(type, field, object, {}, context, { ...info, fieldName: name })
    return value === undefined ? undefined : serialized(field, value)
  }

  private fieldOf(type: string, name: string, subgraph: string): Field {
    const definition = this.schemaOf(subgraph).getType(type)
    const field = isObjectType(definition) ? definition.getFields()[name] : undefined
    if (field === undefined) throw new Error(`${subgraph} has no ${type}.${name}`)
    return field
  }

  private schemaOf(subgraph: string): GraphQLSchema {
    const schema = this.subgraphs.get(subgraph)
    if (schema === undefined) throw new Error(`no subgraph ${subgraph}`)
    return schema
  }
}

function placedIn(subgraph: string, value: unknown): unknown {
  if (isPromise(value)) return value.then((settled) => placedIn(subgraph, settled))
  if (value === null || value === undefined) return null
  return Array.isArray(value) ? value.map((item) => placedIn(subgraph, item)) : new Placed(subgraph, value)
}

function nullable(value: unknown): unknown {
  return isPromise(value) ? value.then(nullable) : (value ?? null)
}

function serialized({ name, type }: Field, value: unknown): unknown {
  const leaf = getNamedType(type)
  if (!isLeafType(leaf)) throw new Error(`${name}: only plain fields are known here`)
  if (value === null) return null
  return isListType(getNullableType(type))
    ? (value as readonly unknown[]).map((item) => (item === null ? null : leaf.serialize(item)))
    : leaf.serialize(value)
}

/** The fields whose numbers come of a model: those of predictions, of the objects that they answer, and of models that are tried. */
function predictedFields(
  whole: GraphQLSchema,
  predictions: readonly string[],
  owners: Owners,
): ReadonlySet<string> {
  const found = new Set(['Query.tryModel'])
  for (const coordinate of predictions) {
    const [typeName, fieldName] = coordinate.split('.')
    const type = whole.getType(typeName)
    const field = isObjectType(type) ? type.getFields()[fieldName] : undefined
    if (field === undefined) throw new Error(`no such field: ${coordinate}`)
    const answered = getNamedType(field.type)
    if (isLeafType(answered)) found.add(coordinate)
    if (!isObjectType(answered) || owners.isEntity(answered.name)) continue
    for (const { name, type: inner } of Object.values(answered.getFields())) {
      if (isLeafType(getNamedType(inner))) found.add(`${answered.name}.${name}`)
    }
  }
  return found
}

function giveScalarCode(
  name: string,
  whole: GraphQLSchema,
  subgraphs: ReadonlyMap<string, GraphQLSchema>,
): void {
  const scalar = whole.getType(name)
  const own = [...subgraphs.values()].map((schema) => schema.getType(name)).find(isScalarType)
  if (!isScalarType(scalar) || own === undefined) return
  const { serialize, parseValue, parseLiteral } = own
  Object.assign(scalar, { serialize, parseValue, parseLiteral })
}

function isPromise(value: unknown): value is Promise<unknown> {
  return typeof (value as Promise<unknown> | null | undefined)?.then === 'function'
}
