import {
  type ConstDirectiveNode,
  type ConstValueNode,
  type DefinitionNode,
  type DirectiveDefinitionNode,
  DirectiveLocation,
  type DocumentNode,
  type InterfaceTypeDefinitionNode,
  Kind,
  type ObjectTypeDefinitionNode,
} from 'graphql'

export type ObjectOrInterface = ObjectTypeDefinitionNode | InterfaceTypeDefinitionNode

export function objectsAndInterfaces({ definitions }: DocumentNode): readonly ObjectOrInterface[] {
  return definitions.filter(
    (definition): definition is ObjectOrInterface =>
      definition.kind === Kind.OBJECT_TYPE_DEFINITION || definition.kind === Kind.INTERFACE_TYPE_DEFINITION,
  )
}

/** Locations in an operation, not in a schema. */
const executableLocations = new Set<string>([
  DirectiveLocation.QUERY,
  DirectiveLocation.MUTATION,
  DirectiveLocation.SUBSCRIPTION,
  DirectiveLocation.FIELD,
  DirectiveLocation.FRAGMENT_DEFINITION,
  DirectiveLocation.FRAGMENT_SPREAD,
  DirectiveLocation.INLINE_FRAGMENT,
  DirectiveLocation.VARIABLE_DEFINITION,
])

/** Whether an operation may use the directive. */
export function isExecutable({ locations }: DirectiveDefinitionNode): boolean {
  return locations.some((location) => executableLocations.has(location.value))
}

/** The directives on `schema` and on every `extend schema`. */
export function schemaDirectives(definitions: readonly DefinitionNode[]): readonly ConstDirectiveNode[] {
  return definitions.flatMap((definition) =>
    definition.kind === Kind.SCHEMA_DEFINITION || definition.kind === Kind.SCHEMA_EXTENSION
      ? (definition.directives ?? [])
      : [],
  )
}

export function argumentOf(directive: ConstDirectiveNode, name: string): ConstValueNode | undefined {
  return directive.arguments?.find((argument) => argument.name.value === name)?.value
}

/** The text of a string or enum argument; undefined for anything else. */
export function textArgument(directive: ConstDirectiveNode, name: string): string | undefined {
  return textOf(argumentOf(directive, name))
}

/** The text of a string or enum value; undefined for anything else. */
export function textOf(value: ConstValueNode | undefined): string | undefined {
  return value?.kind === Kind.STRING || value?.kind === Kind.ENUM ? value.value : undefined
}
