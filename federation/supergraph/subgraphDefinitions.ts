import {
  type DocumentNode,
  type FieldDefinitionNode,
  type InputValueDefinitionNode,
  Kind,
  type NamedTypeNode,
  specifiedScalarTypes,
  type TypeDefinitionNode,
  type TypeNode,
} from 'graphql'
import type { ObjectOrInterface } from './definitions'
import {
  type Annotated,
  type Graphs,
  hasEnumValue,
  implementedIn,
  joinedFields,
  joinedTypes,
  membersIn,
} from './joinDirectives'

/**
 * The supergraph's types as one subgraph has them: only its own types, fields, members and values, with its own field
 * types; interface objects become object types. Federation's own types, descriptions and directives are left out.
 */
export function subgraphDefinitions(
  supergraph: DocumentNode,
  subgraph: string,
  graphs: Graphs,
): readonly TypeDefinitionNode[] {
  const own = supergraph.definitions.filter(
    (definition): definition is TypeDefinitionNode =>
      isTypeDefinition(definition) &&
      !isOfFederation(definition.name.value) &&
      isIn(definition, subgraph, graphs),
  )
  const known = new Set(specifiedScalarTypes.map(({ name }) => name))
  for (const { name } of own) known.add(name.value)
  return own.map((definition) => definitionIn(definition, subgraph, graphs, known))
}

export function isOfFederation(name: string): boolean {
  return /^(join|link|core|federation)__/.test(name) || name.startsWith('__')
}

export function isKnownType(type: TypeNode, known: ReadonlySet<string>): boolean {
  return type.kind === Kind.NAMED_TYPE ? known.has(type.name.value) : isKnownType(type.type, known)
}

function isTypeDefinition(definition: { readonly kind: string }): definition is TypeDefinitionNode {
  return definition.kind.endsWith('TypeDefinition')
}

function isIn(definition: TypeDefinitionNode, subgraph: string, graphs: Graphs): boolean {
  if (definition.kind === Kind.SCALAR_TYPE_DEFINITION) return true
  const joined = joinedTypes(definition, graphs)
  return joined.length === 0 || joined.some((one) => one.subgraph === subgraph)
}

function definitionIn(
  definition: TypeDefinitionNode,
  subgraph: string,
  graphs: Graphs,
  known: ReadonlySet<string>,
): TypeDefinitionNode {
  const { name } = definition
  switch (definition.kind) {
    case Kind.SCALAR_TYPE_DEFINITION:
      return { kind: definition.kind, name }
    case Kind.ENUM_TYPE_DEFINITION: {
      const values = definition.values?.filter((value) => hasEnumValue(value, subgraph, graphs))
      return { kind: definition.kind, name, values: values?.map((value) => ({ ...value, directives: [] })) }
    }
    case Kind.UNION_TYPE_DEFINITION: {
      const members = membersIn(definition, subgraph, graphs)
      return { kind: definition.kind, name, types: only(definition.types, members, known) }
    }
    case Kind.INPUT_OBJECT_TYPE_DEFINITION: {
      const fields = fieldsIn(definition.fields, subgraph, graphs, known)
      const directives = definition.directives?.filter((directive) => directive.name.value === 'oneOf')
      return { kind: definition.kind, name, directives, fields }
    }
    case Kind.OBJECT_TYPE_DEFINITION:
    case Kind.INTERFACE_TYPE_DEFINITION:
      return compositeIn(definition, subgraph, graphs, known)
  }
}

function compositeIn(
  definition: ObjectOrInterface,
  subgraph: string,
  graphs: Graphs,
  known: ReadonlySet<string>,
): TypeDefinitionNode {
  const isInterfaceObject = joinedTypes(definition, graphs).some(
    (joined) => joined.subgraph === subgraph && joined.isInterfaceObject,
  )
  return {
    kind: isInterfaceObject ? Kind.OBJECT_TYPE_DEFINITION : definition.kind,
    name: definition.name,
    interfaces: only(definition.interfaces, implementedIn(definition, subgraph, graphs), known),
    fields: fieldsIn(definition.fields, subgraph, graphs, known).map((field) => ({
      ...field,
      arguments: fieldsIn(field.arguments, subgraph, graphs, known),
    })),
  }
}

/** The fields or arguments that the subgraph has, with its own types. */
function fieldsIn<Field extends FieldDefinitionNode | InputValueDefinitionNode>(
  fields: readonly Field[] | undefined,
  subgraph: string,
  graphs: Graphs,
  known: ReadonlySet<string>,
): Field[] {
  return (fields ?? []).flatMap((field) => {
    const type = typeIn(field, subgraph, graphs)
    if (type === undefined || !isKnownType(type, known)) return []
    return { ...field, type, description: undefined, directives: [] }
  })
}

function typeIn(
  field: Annotated & { readonly type: TypeNode },
  subgraph: string,
  graphs: Graphs,
): TypeNode | undefined {
  const joined = joinedFields(field, graphs)
  if (joined.length === 0) return field.type
  const here = joined.find((one) => one.subgraph === subgraph)
  return here && (here.type ?? field.type)
}

function only(
  types: readonly NamedTypeNode[] | undefined,
  wanted: ReadonlySet<string> | undefined,
  known: ReadonlySet<string>,
): NamedTypeNode[] {
  return (types ?? []).filter(({ name }) => known.has(name.value) && (wanted?.has(name.value) ?? true))
}
