import {
  buildASTSchema,
  type DefinitionNode,
  type DirectiveDefinitionNode,
  DirectiveLocation,
  type DocumentNode,
  type GraphQLSchema,
  Kind,
  parse,
  specifiedDirectives,
  specifiedScalarTypes,
  visit,
} from 'graphql'

/**
 * The schema that clients see: the planner's consumer schema without the types and directives of federation and of
 * Presage. Directives that clients may write in an operation stay, and so do descriptions and deprecations.
 */
export function buildApiSchema(consumerSchema: string): GraphQLSchema {
  const document = visit(parse(consumerSchema, { noLocation: true }), {
    Directive: (directive) => (shownDirectives.has(directive.name.value) ? undefined : null),
    FieldDefinition: (field) => (field.name.value.startsWith('__') ? null : undefined),
  }) as DocumentNode
  return buildASTSchema({ kind: Kind.DOCUMENT, definitions: document.definitions.filter(isPublic) })
}

/** The directives on a schema that introspection knows. */
const shownDirectives: ReadonlySet<string> = new Set(['deprecated', 'specifiedBy', 'oneOf'])

const builtInNames = new Set([...specifiedScalarTypes, ...specifiedDirectives].map(({ name }) => name))

/** Locations in an operation, as against those in a schema. */
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

function isPublic(definition: DefinitionNode): boolean {
  if (!('name' in definition) || definition.name === undefined) return true
  const name = definition.name.value
  if (builtInNames.has(name) || name.startsWith('__') || /^(join|link|core)__/.test(name)) return false
  return definition.kind !== Kind.DIRECTIVE_DEFINITION || isExecutable(definition)
}

function isExecutable(definition: DirectiveDefinitionNode): boolean {
  return definition.locations.some((location) => executableLocations.has(location.value))
}
