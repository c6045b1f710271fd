import {
  type DocumentNode,
  type GraphQLSchema,
  isAbstractType,
  isInterfaceType,
  isObjectType,
  isTypeDefinitionNode,
  Kind,
  type SelectionSetNode,
} from 'graphql'
import { getOrMake } from '../../lib/groups'
import { memoized } from '../../lib/memoized'
import { objectsAndInterfaces } from './definitions'
import { type Graphs, type JoinedField, type JoinedType, joinedFields, joinedTypes } from './joinDirectives'
import { createSubgraphSchemas } from './subgraphSchemas'

/** What each subgraph has and may be asked for. */
export interface SubgraphFacts {
  /** The subgraph's schema, rebuilt from the supergraph on demand; undefined for an unknown name. */
  schema(subgraph: string): GraphQLSchema | undefined
  /** Undefined if the subgraph does not have the field on that type. The type may be an interface object. */
  field(subgraph: string, type: string, field: string): FieldFacts | undefined
  keys(subgraph: string, type: string): readonly EntityKey[]
  /** Whether the subgraph has the interface as an object type. */
  isInterfaceObject(subgraph: string, type: string): boolean
  /**
   * The `__typename` of a representation for the subgraph: the type itself, or the interface object that stands for it.
   * For an interface's name, that name if the subgraph has it. Undefined if the subgraph knows neither.
   */
  typenameFor(subgraph: string, type: string): string | undefined
  /**
   * The possible objects where the subgraph declares the type, each with the subgraph's name for it. An interface
   * object may be any implementor in the supergraph.
   */
  objects(subgraph: string, type: string): readonly SubgraphObject[]
}

export interface FieldFacts {
  /** The subgraph only declares the field, and can answer it only if it is provided. */
  readonly isExternal: boolean
  /** Because of `@override`, another subgraph answers the field, so it must not be fetched here. */
  readonly isElsewhere: boolean
  readonly requires: SelectionSetNode | undefined
  readonly provides: SelectionSetNode | undefined
}

export interface EntityKey {
  readonly selectionSet: SelectionSetNode
  /** Whether the subgraph finds entities by it. */
  readonly isResolvable: boolean
}

export interface SubgraphObject {
  /** The object's type in the subgraph. */
  readonly typename: string
  /** The object types of the supergraph that it may be: one, or those behind an interface object. */
  readonly types: readonly string[]
}

export function createSubgraphFacts(supergraph: DocumentNode, graphs: Graphs): SubgraphFacts {
  const types = readTypes(supergraph, graphs)
  const names = new Set(supergraph.definitions.filter(isTypeDefinitionNode).map(({ name }) => name.value))
  const schema = createSubgraphSchemas(supergraph, graphs)
  const joined = (subgraph: string, type: string) =>
    types.get(type)?.joined.filter((one) => one.subgraph === subgraph) ?? []
  const isInterfaceObject = (subgraph: string, type: string) =>
    joined(subgraph, type).some((one) => one.isInterfaceObject)
  const asObject = (subgraph: string, typename: string): SubgraphObject => {
    const { implementors = [] } = types.get(typename) ?? {}
    const isStandIn = isInterfaceObject(subgraph, typename) && implementors.length > 0
    return { typename, types: isStandIn ? implementors : [typename] }
  }

  return {
    schema,
    isInterfaceObject: remembered(isInterfaceObject),
    field: remembered((subgraph, type, field) => fieldIn(types.get(type), subgraph, field)),
    keys: remembered((subgraph, type) =>
      joined(subgraph, type).flatMap(({ key, isResolvable }) =>
        key === undefined ? [] : { selectionSet: key, isResolvable },
      ),
    ),
    typenameFor: remembered((subgraph, type) => {
      const facts = types.get(type)
      if (facts === undefined) return undefined
      if (facts.joined.length === 0 || joined(subgraph, type).length > 0) return type
      return facts.interfaces.find((name) => isInterfaceObject(subgraph, name))
    }),
    objects: remembered((subgraph, type) => {
      const own = schema(subgraph)
      const definition = own?.getType(type)
      if (own === undefined) return []
      if (isObjectType(definition)) return [asObject(subgraph, type)]
      if (!isAbstractType(definition)) return []
      const possible = own.getPossibleTypes(definition)
      // An interface that no type implements stands for itself.
      if (possible.length === 0 && isInterfaceType(definition)) return [asObject(subgraph, type)]
      return possible.map(({ name }) => asObject(subgraph, name))
    }),
  }

  /** Memoizes the function for types of the supergraph. A subgraph may answer others, and nothing limits those. */
  function remembered<T>(read: (subgraph: string, type: string, field: string) => T) {
    // Nested maps, because joining the three names to one key would cost more than the rest of the lookup.
    const known = memoized((subgraph: string) =>
      memoized((type: string) => memoized((field: string) => read(subgraph, type, field))),
    )
    return (subgraph: string, type: string, field = ''): T =>
      names.has(type) ? known(subgraph)(type)(field) : read(subgraph, type, field)
  }
}

interface TypeFacts {
  readonly joined: readonly JoinedType[]
  readonly interfaces: readonly string[]
  /** Object types of the supergraph; empty for object types. */
  readonly implementors: string[]
  readonly fields: ReadonlyMap<string, readonly JoinedField[]>
  /** By subgraph: leaf fields that other fields of the type require. */
  readonly requiredLeaves: ReadonlyMap<string, ReadonlySet<string>>
}

function readTypes(supergraph: DocumentNode, graphs: Graphs): ReadonlyMap<string, TypeFacts> {
  const types = new Map<string, TypeFacts>()
  const objects: { name: string; interfaces: readonly string[] }[] = []
  for (const definition of objectsAndInterfaces(supergraph)) {
    const name = definition.name.value
    const interfaces = (definition.interfaces ?? []).map((one) => one.name.value)
    const fields = new Map(
      (definition.fields ?? []).map((field) => [field.name.value, joinedFields(field, graphs)]),
    )
    if (definition.kind === Kind.OBJECT_TYPE_DEFINITION) objects.push({ name, interfaces })
    types.set(name, {
      joined: joinedTypes(definition, graphs),
      interfaces,
      implementors: [],
      fields,
      requiredLeaves: requiredLeaves(fields),
    })
  }
  for (const { name, interfaces } of objects) {
    for (const parent of interfaces) types.get(parent)?.implementors.push(name)
  }
  return types
}

function requiredLeaves(
  fields: ReadonlyMap<string, readonly JoinedField[]>,
): ReadonlyMap<string, ReadonlySet<string>> {
  const leaves = new Map<string, Set<string>>()
  for (const { subgraph, requires } of [...fields.values()].flat()) {
    if (subgraph === undefined) continue
    for (const selection of requires?.selections ?? []) {
      if (selection.kind !== Kind.FIELD || selection.selectionSet !== undefined) continue
      getOrMake(leaves, subgraph, () => new Set()).add(selection.name.value)
    }
  }
  return leaves
}

function fieldIn(type: TypeFacts | undefined, subgraph: string, field: string): FieldFacts | undefined {
  const joined = type?.fields.get(field)
  if (type === undefined || joined === undefined) return undefined
  if (type.joined.length > 0 && !type.joined.some((one) => one.subgraph === subgraph)) return undefined
  const here = joined.filter((one) => one.subgraph === subgraph)
  if (joined.length > 0 && here.length === 0) return undefined
  // A required field is external, even if composition drops `@external`, as it does on interface objects.
  const isKey = type.joined.some(
    ({ subgraph: owner, key }) => owner === subgraph && key !== undefined && isSelected(key, field),
  )
  const isRequired = !isKey && (type.requiredLeaves.get(subgraph)?.has(field) ?? false)
  return {
    isExternal: isRequired || here.some((one) => one.isExternal),
    isElsewhere: here.some((one) => one.isElsewhere),
    requires: here.find((one) => one.requires !== undefined)?.requires,
    provides: here.find((one) => one.provides !== undefined)?.provides,
  }
}

/** Whether the selection has the field at its top. */
export function isSelected({ selections }: SelectionSetNode, field: string): boolean {
  return selections.some((selection) => selection.kind === Kind.FIELD && selection.name.value === field)
}
