import {
  type DocumentNode,
  type FieldDefinitionNode,
  type InputValueDefinitionNode,
  isTypeDefinitionNode,
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
  joinedFields,
  joinedTypes,
  namesIn,
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
  const own = supergraph.definitions
    .filter(isTypeDefinitionNode)
    .filter((definition) => !isOfFederation(definition.name.value) && isOwn(definition))
  const known = new Set(specifiedScalarTypes.map(({ name }) => name))
  for (const { name } of own) known.add(name.value)
  return own.map(ownDefinition)

  function isOwn(definition: TypeDefinitionNode): boolean {
    if (definition.kind === Kind.SCALAR_TYPE_DEFINITION) return true
    const joined = joinedTypes(definition, graphs)
    return joined.length === 0 || joined.some((one) => one.subgraph === subgraph)
  }

  function ownDefinition(definition: TypeDefinitionNode): TypeDefinitionNode {
    const { name } = definition
    switch (definition.kind) {
      case Kind.SCALAR_TYPE_DEFINITION:
        return { kind: definition.kind, name }
      case Kind.ENUM_TYPE_DEFINITION: {
        const values = definition.values?.filter((value) => hasEnumValue(value, subgraph, graphs))
        return { kind: definition.kind, name, values: values?.map((value) => ({ ...value, directives: [] })) }
      }
      case Kind.UNION_TYPE_DEFINITION:
        return { kind: definition.kind, name, types: only(definition.types, definition) }
      case Kind.INPUT_OBJECT_TYPE_DEFINITION: {
        const directives = definition.directives?.filter((directive) => directive.name.value === 'oneOf')
        return { kind: definition.kind, name, directives, fields: ownFields(definition.fields) }
      }
      case Kind.OBJECT_TYPE_DEFINITION:
      case Kind.INTERFACE_TYPE_DEFINITION:
        return ownComposite(definition)
    }
  }

  function ownComposite(definition: ObjectOrInterface): TypeDefinitionNode {
    const isInterfaceObject = joinedTypes(definition, graphs).some(
      (joined) => joined.subgraph === subgraph && joined.isInterfaceObject,
    )
    return {
      kind: isInterfaceObject ? Kind.OBJECT_TYPE_DEFINITION : definition.kind,
      name: definition.name,
      interfaces: only(definition.interfaces, definition),
      fields: ownFields(definition.fields).map((field) => ({
        ...field,
        arguments: ownFields(field.arguments),
      })),
    }
  }

  /** The fields or arguments that the subgraph has, with its own types. */
  function ownFields<Field extends FieldDefinitionNode | InputValueDefinitionNode>(
    fields: readonly Field[] = [],
  ): Field[] {
    return fields.flatMap((field) => {
      const type = ownType(field)
      if (type === undefined || !isKnownType(type, known)) return []
      return { ...field, type, description: undefined, directives: [] }
    })
  }

  function ownType(field: Annotated & { readonly type: TypeNode }): TypeNode | undefined {
    const joined = joinedFields(field, graphs)
    if (joined.length === 0) return field.type
    const here = joined.find((one) => one.subgraph === subgraph)
    return here && (here.type ?? field.type)
  }

  function only(types: readonly NamedTypeNode[] = [], node: Annotated): NamedTypeNode[] {
    const wanted = namesIn(node, subgraph, graphs)
    return types.filter(({ name }) => known.has(name.value) && (wanted?.has(name.value) ?? true))
  }
}

export function isOfFederation(name: string): boolean {
  return /^(join|link|core|federation)__/.test(name) || name.startsWith('__')
}

export function isKnownType(type: TypeNode, known: ReadonlySet<string>): boolean {
  return type.kind === Kind.NAMED_TYPE ? known.has(type.name.value) : isKnownType(type.type, known)
}
