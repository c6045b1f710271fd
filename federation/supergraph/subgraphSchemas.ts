import {
  buildASTSchema,
  type DefinitionNode,
  type DirectiveDefinitionNode,
  type DocumentNode,
  type GraphQLSchema,
  Kind,
  type ObjectTypeDefinitionNode,
  OperationTypeNode,
  parse,
  specifiedDirectives,
  specifiedScalarTypes,
  type TypeDefinitionNode,
} from 'graphql'
import { memoized } from '../../lib/memoized'
import { isExecutable, objectsAndInterfaces } from './definitions'
import { type Graphs, joinedTypes } from './joinDirectives'
import { isKnownType, isOfFederation, subgraphDefinitions } from './subgraphDefinitions'

/** The subgraph's schema; undefined for an unknown name. */
export type SubgraphSchemas = (subgraph: string) => GraphQLSchema | undefined

/**
 * Rebuilds each subgraph's schema from the supergraph, on demand. It holds what a plan may ask of the subgraph: with
 * `_entities`, without `_service`, with the supergraph's names of root types, and with external fields. The supergraph
 * does not say which arguments only some subgraphs have, or where an argument's type differs.
 */
export function createSubgraphSchemas(supergraph: DocumentNode, graphs: Graphs): SubgraphSchemas {
  const names = new Set(graphs.values())
  return memoized((subgraph) => (names.has(subgraph) ? buildSchema(supergraph, subgraph, graphs) : undefined))
}

function rootNames(supergraph: DocumentNode): ReadonlyMap<OperationTypeNode, string> {
  for (const definition of supergraph.definitions) {
    if (definition.kind !== Kind.SCHEMA_DEFINITION) continue
    return new Map(definition.operationTypes.map(({ operation, type }) => [operation, type.name.value]))
  }
  return new Map([
    [OperationTypeNode.QUERY, 'Query'],
    [OperationTypeNode.MUTATION, 'Mutation'],
  ])
}

function buildSchema(supergraph: DocumentNode, subgraph: string, graphs: Graphs): GraphQLSchema {
  const types = new Map(
    subgraphDefinitions(supergraph, subgraph, graphs).map((definition) => [
      definition.name.value,
      definition,
    ]),
  )
  const roots = rootNames(supergraph)
  const queryName = roots.get(OperationTypeNode.QUERY) ?? 'Query'
  const entities = entityTypes(supergraph, subgraph, graphs, types)
  if (entities.length > 0) addEntities(types, queryName, entities)

  const operationTypes = [OperationTypeNode.QUERY, OperationTypeNode.MUTATION].flatMap((operation) => {
    const name = roots.get(operation)
    const root = types.get(name ?? '')
    if (root === undefined || !('fields' in root) || root.fields?.length === 0) return []
    return {
      kind: Kind.OPERATION_TYPE_DEFINITION,
      operation,
      type: { kind: Kind.NAMED_TYPE, name: root.name },
    } as const
  })
  const definitions: DefinitionNode[] = [
    { kind: Kind.SCHEMA_DEFINITION, operationTypes },
    ...types.values(),
    ...executableDirectives(supergraph, types),
  ]
  return buildASTSchema({ kind: Kind.DOCUMENT, definitions }, { assumeValid: true, assumeValidSDL: true })
}

/** Object types, including interface objects, that the subgraph finds by a key. */
function entityTypes(
  supergraph: DocumentNode,
  subgraph: string,
  graphs: Graphs,
  types: ReadonlyMap<string, TypeDefinitionNode>,
): string[] {
  return objectsAndInterfaces(supergraph).flatMap((definition) => {
    const name = definition.name.value
    if (types.get(name)?.kind !== Kind.OBJECT_TYPE_DEFINITION) return []
    const isEntity = joinedTypes(definition, graphs).some(
      (joined) => joined.subgraph === subgraph && joined.key !== undefined && joined.isResolvable,
    )
    return isEntity ? name : []
  })
}

function addEntities(
  types: Map<string, TypeDefinitionNode>,
  queryName: string,
  entities: readonly string[],
): void {
  const added = parse(
    `scalar _Any union _Entity = ${entities.join(' | ')}
    type ${queryName} { _entities(representations: [_Any!]!): [_Entity]! }`,
    { noLocation: true },
  )
  for (const definition of added.definitions) {
    if (!('name' in definition) || definition.name === undefined) continue
    const present = types.get(definition.name.value)
    if (definition.kind === Kind.OBJECT_TYPE_DEFINITION && present?.kind === definition.kind) {
      const merged: ObjectTypeDefinitionNode = {
        ...present,
        fields: [...(present.fields ?? []), ...(definition.fields ?? [])],
      }
      types.set(queryName, merged)
    } else types.set(definition.name.value, definition as TypeDefinitionNode)
  }
}

/** The directives that an operation may use. */
function executableDirectives(
  supergraph: DocumentNode,
  types: ReadonlyMap<string, TypeDefinitionNode>,
): DirectiveDefinitionNode[] {
  const known = new Set([...types.keys(), ...specifiedScalarTypes.map(({ name }) => name)])
  return supergraph.definitions.filter((definition): definition is DirectiveDefinitionNode => {
    if (definition.kind !== Kind.DIRECTIVE_DEFINITION) return false
    const name = definition.name.value
    return (
      !isOfFederation(name) &&
      !specifiedDirectives.some((directive) => directive.name === name) &&
      isExecutable(definition) &&
      (definition.arguments ?? []).every(({ type }) => isKnownType(type, known))
    )
  })
}
