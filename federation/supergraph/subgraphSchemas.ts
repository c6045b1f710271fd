import {
  buildASTSchema,
  type DefinitionNode,
  type DirectiveDefinitionNode,
  type DocumentNode,
  type GraphQLSchema,
  Kind,
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
  const own = subgraphDefinitions(supergraph, subgraph, graphs)
  const types = new Map(own.map((definition) => [definition.name.value, definition]))
  const roots = rootNames(supergraph)
  const queryName = roots.get(OperationTypeNode.QUERY) ?? 'Query'
  const entities = entityTypes(supergraph, subgraph, graphs, types)
  const operationTypes = [...roots].flatMap(([operation, name]) => {
    if (operation === OperationTypeNode.SUBSCRIPTION) return []
    const root = types.get(name)
    const hasFields = root !== undefined && 'fields' in root && (root.fields ?? []).length > 0
    if (!hasFields && !(name === queryName && entities.length > 0)) return []
    const type = { kind: Kind.NAMED_TYPE, name: { kind: Kind.NAME, value: name } } as const
    return { kind: Kind.OPERATION_TYPE_DEFINITION, operation, type } as const
  })
  const definitions: DefinitionNode[] = [
    { kind: Kind.SCHEMA_DEFINITION, operationTypes },
    ...own,
    ...entityDefinitions(entities, `${types.has(queryName) ? 'extend type' : 'type'} ${queryName}`),
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

function entityDefinitions(entities: readonly string[], query: string): readonly DefinitionNode[] {
  if (entities.length === 0) return []
  const { definitions } = parse(
    `scalar _Any union _Entity = ${entities.join(' | ')}
    ${query} { _entities(representations: [_Any!]!): [_Entity]! }`,
    { noLocation: true },
  )
  return definitions
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
