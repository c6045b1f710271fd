import {
  buildASTSchema,
  type ConstDirectiveNode,
  type DefinitionNode,
  type DirectiveDefinitionNode,
  DirectiveLocation,
  type FieldDefinitionNode,
  type GraphQLSchema,
  type InputValueDefinitionNode,
  isTypeDefinitionNode,
  isTypeExtensionNode,
  isTypeSystemDefinitionNode,
  isTypeSystemExtensionNode,
  Kind,
  parse,
  specifiedDirectives,
  specifiedScalarTypes,
  type TypeDefinitionNode,
  type TypeExtensionNode,
  type TypeNode,
} from 'graphql'
import { type LinkedNames, linkedNames } from './linkedNames'

/**
 * The schema that clients see: the supergraph without what is for gateways only (types and directives of federation, and all directives
 * that stand in a schema) and without what is @inaccessible, and what is left without members for it. Directives that clients may write
 * in an operation stay, and so do descriptions and deprecations.
 */
export function buildPublicSchema(supergraphSdl: string): GraphQLSchema {
  const { definitions } = parse(supergraphSdl, { noLocation: true })
  const hiding = new Hiding(linkedNames(definitions))
  let shown: DefinitionNode[] = definitions.flatMap((definition) => hiding.definition(definition))
  // Whatever mentions a hidden type goes, which may leave another type without members, and so on.
  for (let hidden = -1; hidden !== hiding.size; ) {
    hidden = hiding.size
    shown = shown.flatMap((definition) => hiding.members(definition))
  }
  return buildASTSchema({ kind: Kind.DOCUMENT, definitions: shown })
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

interface Directed {
  readonly directives?: readonly ConstDirectiveNode[]
}

/** Which types are hidden by now, and what that hides. */
class Hiding {
  private readonly types = new Set<string>()

  constructor(private readonly names: LinkedNames) {}

  get size(): number {
    return this.types.size
  }

  /** Nothing where clients do not see it, whatever they see else. */
  definition(definition: DefinitionNode): DefinitionNode[] {
    if (!isTypeSystemDefinitionNode(definition) && !isTypeSystemExtensionNode(definition)) return []
    if (definition.kind === Kind.DIRECTIVE_DEFINITION) return isShownDirective(definition) ? [definition] : []
    if (!isType(definition)) return [definition]
    const name = definition.name.value
    if (builtInNames.has(name) || name.startsWith('__')) return []
    if (!this.isInaccessible(definition) && !this.names.isForGateways(definition)) return [definition]
    this.types.add(name)
    return []
  }

  /** Without members that are hidden, and without directives. */
  members(node: DefinitionNode): DefinitionNode[] {
    switch (node.kind) {
      case Kind.SCHEMA_DEFINITION:
      case Kind.SCHEMA_EXTENSION: {
        const operationTypes = node.operationTypes?.filter(({ type }) => !this.isHidden(type)) ?? []
        return operationTypes.length === 0 ? [] : [{ ...node, operationTypes, directives: [] }]
      }
      case Kind.DIRECTIVE_DEFINITION:
        return [{ ...node, arguments: this.inputs(node.arguments) }]
      default:
        return isType(node) ? this.membersOf(node) : []
    }
  }

  private membersOf(type: TypeDefinitionNode | TypeExtensionNode): DefinitionNode[] {
    if (this.types.has(type.name.value)) return []
    const node = { ...type, directives: shownOf(type) }
    switch (node.kind) {
      case Kind.SCALAR_TYPE_DEFINITION:
      case Kind.SCALAR_TYPE_EXTENSION:
        return [node]
      case Kind.OBJECT_TYPE_DEFINITION:
      case Kind.OBJECT_TYPE_EXTENSION:
      case Kind.INTERFACE_TYPE_DEFINITION:
      case Kind.INTERFACE_TYPE_EXTENSION: {
        const interfaces = node.interfaces?.filter((one) => !this.isHidden(one))
        const fields = node.fields?.flatMap((field) => this.field(field))
        return this.unlessEmpty({ ...node, interfaces, fields }, fields)
      }
      case Kind.INPUT_OBJECT_TYPE_DEFINITION:
      case Kind.INPUT_OBJECT_TYPE_EXTENSION: {
        const fields = this.inputs(node.fields)
        return this.unlessEmpty({ ...node, fields }, fields)
      }
      case Kind.UNION_TYPE_DEFINITION:
      case Kind.UNION_TYPE_EXTENSION: {
        const types = node.types?.filter((one) => !this.isHidden(one))
        return this.unlessEmpty({ ...node, types }, types)
      }
      case Kind.ENUM_TYPE_DEFINITION:
      case Kind.ENUM_TYPE_EXTENSION: {
        const values = node.values
          ?.filter((value) => !this.isInaccessible(value))
          .map((value) => ({ ...value, directives: shownOf(value) }))
        return this.unlessEmpty({ ...node, values }, values)
      }
    }
  }

  private field(field: FieldDefinitionNode): FieldDefinitionNode[] {
    if (this.isInaccessible(field) || this.isHidden(field.type)) return []
    return [{ ...field, arguments: this.inputs(field.arguments), directives: shownOf(field) }]
  }

  private inputs(inputs: readonly InputValueDefinitionNode[] | undefined): InputValueDefinitionNode[] {
    return (inputs ?? [])
      .filter((input) => !this.isInaccessible(input) && !this.isHidden(input.type))
      .map((input) => ({ ...input, directives: shownOf(input) }))
  }

  /** A type without members is none. */
  private unlessEmpty(
    type: TypeDefinitionNode | TypeExtensionNode,
    members: readonly unknown[] | undefined,
  ): DefinitionNode[] {
    if (members !== undefined && members.length > 0) return [type]
    if (isTypeDefinitionNode(type)) this.types.add(type.name.value)
    return []
  }

  private isHidden(type: TypeNode): boolean {
    return type.kind === Kind.NAMED_TYPE ? this.types.has(type.name.value) : this.isHidden(type.type)
  }

  private isInaccessible({ directives = [] }: Directed): boolean {
    return directives.some(({ name }) => this.names.inaccessible.has(name.value))
  }
}

function isType(node: DefinitionNode): node is TypeDefinitionNode | TypeExtensionNode {
  return isTypeDefinitionNode(node) || isTypeExtensionNode(node)
}

function isShownDirective({ name, locations }: DirectiveDefinitionNode): boolean {
  return (
    !builtInNames.has(name.value) && locations.some((location) => executableLocations.has(location.value))
  )
}

function shownOf({ directives = [] }: Directed): ConstDirectiveNode[] {
  return directives.filter(({ name }) => shownDirectives.has(name.value))
}
