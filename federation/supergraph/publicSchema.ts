import {
  buildASTSchema,
  type ConstDirectiveNode,
  type DefinitionNode,
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
import { isExecutable } from './definitions'
import { type LinkedNames, linkedNames } from './linkedNames'

/**
 * The schema that clients see: the supergraph without federation's own types and directives, without type system
 * directives, and without what is `@inaccessible` or lost all its members because of that. Executable directives,
 * descriptions and deprecations stay.
 */
export function buildPublicSchema(supergraphSdl: string): GraphQLSchema {
  const { definitions } = parse(supergraphSdl, { noLocation: true })
  const hiding = new Hiding(linkedNames(definitions))
  let shown: DefinitionNode[] = definitions.flatMap((definition) => hiding.definition(definition))
  // Members of hidden types are removed too. That may empty another type, so it is repeated until nothing changes.
  for (let hidden = -1; hidden !== hiding.size; ) {
    hidden = hiding.size
    shown = shown.flatMap((definition) => hiding.members(definition))
  }
  return buildASTSchema({ kind: Kind.DOCUMENT, definitions: shown })
}

/** The type system directives that introspection knows. */
const shownDirectives: ReadonlySet<string> = new Set(['deprecated', 'specifiedBy', 'oneOf'])

const builtInNames = new Set([...specifiedScalarTypes, ...specifiedDirectives].map(({ name }) => name))

interface Directed {
  readonly directives?: readonly ConstDirectiveNode[]
}

/** The types hidden so far, and the consequences. */
class Hiding {
  private readonly types = new Set<string>()

  constructor(private readonly names: LinkedNames) {}

  get size(): number {
    return this.types.size
  }

  /** Empty for a definition that clients never see. */
  definition(definition: DefinitionNode): DefinitionNode[] {
    if (!isTypeSystemDefinitionNode(definition) && !isTypeSystemExtensionNode(definition)) return []
    if (definition.kind === Kind.DIRECTIVE_DEFINITION) {
      return isExecutable(definition) && !builtInNames.has(definition.name.value) ? [definition] : []
    }
    if (!isType(definition)) return [definition]
    const name = definition.name.value
    if (builtInNames.has(name) || name.startsWith('__')) return []
    if (!this.isInaccessible(definition) && !this.names.isForGateways(definition)) return [definition]
    this.types.add(name)
    return []
  }

  /** Removes hidden members, and directives. */
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

  /** Hides a type that has no members left. */
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

function shownOf({ directives = [] }: Directed): ConstDirectiveNode[] {
  return directives.filter(({ name }) => shownDirectives.has(name.value))
}
