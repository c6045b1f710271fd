import { buildSubgraphSchema, type GraphQLSchemaModule } from '@apollo/subgraph'
import { composeServices } from '@theguild/federation-composition'
import {
  buildSchema,
  type DocumentNode,
  type GraphQLSchema,
  isObjectType,
  isScalarType,
  Kind,
  parse,
} from 'graphql'
import { trialOf } from '../trial'
import { type FederationFacts, readFederation } from './federationFacts'
import { type FieldCodes, fieldCodes } from './fieldCode'
import type { Graph, GraphSource, Thing, Values } from './graph'
import { indexEntities } from './indexEntities'
import { literalOf, representationsFor } from './representations'

/** Builds both forms of a graph, and composes its subgraphs; throws where they do not compose. */
export function buildGraph(source: GraphSource): Graph {
  const documents = new Map(
    Object.entries(source.subgraphs).map(([name, sdl]) => [name, parse(links + sdl)] as const),
  )
  const facts = readFederation(documents)
  const whole = buildSchema(source.whole)
  const codes = fieldCodes(source, facts, whole)
  const subgraphs = new Map(
    [...documents].map(([name, document]) => [
      name,
      buildSubgraph(name, document, source, facts, whole, codes),
    ]),
  )
  giveResolvers(whole, source, codes)
  const supergraphAt: Graph['supergraphAt'] = (urlOf) => {
    const { supergraphSdl, errors = [] } = composeServices(
      [...documents].map(([name, typeDefs]) => ({ name, typeDefs, url: urlOf(name) })),
    )
    if (supergraphSdl) return supergraphSdl
    throw new Error(`${source.name}: ${errors.map(({ message }) => message).join('\n')}`)
  }
  const { name, samples, literals, variableValues } = source
  return {
    name,
    samples,
    literals,
    variableValues,
    whole,
    subgraphs,
    supergraphSdl: supergraphAt(() => 'http://localhost'),
    supergraphAt,
    samplesOf(subgraph) {
      const representations = representationsFor(
        documents.get(subgraph) as DocumentNode,
        source,
        whole,
        codes,
      )
      return {
        samples,
        literals: { ...literals, _Any: representations.map(literalOf) },
        variableValues: { ...variableValues, _Any: representations },
      }
    },
    close: async () => {},
  }
}

const links = `
extend schema
  @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@external", "@requires", "@provides", "@shareable",
    "@inaccessible", "@interfaceObject", "@override", "@composeDirective"])
  @link(url: "https://specs.presage.dev/predict/v1.0", import: ["@predict"])
  @composeDirective(name: "@predict")
directive @predict(objective: String, model: String, shard: String, inputs: [String!], output: String) on FIELD_DEFINITION
`

function giveResolvers(whole: GraphQLSchema, source: GraphSource, codes: FieldCodes): void {
  for (const type of Object.values(whole.getTypeMap())) {
    if (type.name.startsWith('__')) continue
    if (isScalarType(type) && source.scalars[type.name]) Object.assign(type, source.scalars[type.name])
    if (!isObjectType(type)) continue
    for (const [name, field] of Object.entries(type.getFields())) {
      const code = codes.of(type.name, name)
      field.resolve = (thing, args, context) => code.inWhole(thing ?? root, args, trialOf(context))
    }
  }
}

function buildSubgraph(
  subgraph: string,
  typeDefs: DocumentNode,
  source: GraphSource,
  facts: FederationFacts,
  whole: GraphQLSchema,
  codes: FieldCodes,
): GraphQLSchema {
  const resolvers: Record<string, unknown> = {}
  const find = indexEntities(source.things, facts.keys, whole)
  const known = new Set(
    typeDefs.definitions.flatMap((it) => ('name' in it && it.name ? [it.name.value] : [])),
  )
  for (const definition of typeDefs.definitions) {
    switch (definition.kind) {
      case Kind.OBJECT_TYPE_DEFINITION: {
        const type = definition.name.value
        const fields: Record<string, unknown> = {}
        for (const { name } of definition.fields ?? []) {
          const code = codes.of(type, name.value)
          fields[name.value] = facts.overridden.has(`${subgraph} ${type}.${name.value}`)
            ? () => fail(`${type}.${name.value} is overridden in another subgraph`)
            : (thing: Thing | undefined, args: Values, context: unknown) =>
                code.inSubgraph(thing ?? root, args, trialOf(context))
        }
        if (facts.keys.has(type)) fields['__resolveReference'] = reference(known, find)
        resolvers[type] = fields
        break
      }
      case Kind.INTERFACE_TYPE_DEFINITION:
      case Kind.UNION_TYPE_DEFINITION: {
        const type = definition.name.value
        resolvers[type] = {
          __resolveType: ({ __typename }: Thing) => __typename,
          ...(facts.keys.has(type) && { __resolveReference: reference(known, find) }),
        }
        break
      }
      case Kind.SCALAR_TYPE_DEFINITION:
        resolvers[definition.name.value] = source.scalars[definition.name.value]
        break
    }
  }
  return buildSubgraphSchema([{ typeDefs, resolvers: resolvers as GraphQLSchemaModule['resolvers'] }])
}

/** The thing that a representation names, with what came along. Where a subgraph knows only its interface, it is one of that. */
function reference(
  known: ReadonlySet<string>,
  find: (representation: Values) => Thing | undefined,
): (representation: Values) => Thing | null {
  return (representation) => {
    const thing = find(representation)
    if (thing === undefined) return null
    const __typename = known.has(thing.__typename) ? thing.__typename : String(representation['__typename'])
    return { ...thing, __typename, given: representation }
  }
}

function fail(message: string): never {
  throw new Error(message)
}

const root: Thing = { __typename: 'root', key: '' }
