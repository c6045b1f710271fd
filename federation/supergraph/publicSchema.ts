import {
  type ASTNode,
  buildASTSchema,
  type ConstDirectiveNode,
  type GraphQLNamedType,
  type GraphQLSchema,
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
  visit,
} from 'graphql'
import { isExecutable } from './definitions'
import { type LinkedNames, linkedNames } from './linkedNames'

/**
 * The schema that clients see: the supergraph without federation's own types and directives, without type system
 * directives, and without what is `@inaccessible` or lost all its members because of that. Executable directives,
 * descriptions and deprecations stay.
 */
export function buildPublicSchema(supergraphSdl: string): GraphQLSchema {
  const { kind, definitions } = parse(supergraphSdl, { noLocation: true })
  const hiding = new Hiding(linkedNames(definitions))
  for (const definition of definitions) if (isType(definition)) hiding.look(definition)
  let shown = {
    kind,
    definitions: definitions.filter(
      (one) => isTypeSystemDefinitionNode(one) || isTypeSystemExtensionNode(one),
    ),
  }
  // What mentions a hidden type goes too. That may empty another type, so it is repeated until nothing changes.
  for (let hidden = -1; hidden !== hiding.size; ) {
    hidden = hiding.size
    shown = visit(shown, {
      enter: (node) => (hiding.hides(node) ? null : undefined),
      leave: (node) => (hiding.hidesEmpty(node) ? null : undefined),
    })
  }
  const schema = buildASTSchema(shown)
  for (const name of definitions.flatMap((one) => hiding.typesAbove(one))) {
    const type = schema.getType(name)
    if (type !== undefined) partlyHidden.add(type)
  }
  return schema
}

const partlyHidden = new WeakSet<GraphQLNamedType>()

/** Whether some types of an interface or a union of a public schema are hidden. Subgraphs may answer them nevertheless. */
export function hasHiddenTypes(type: GraphQLNamedType): boolean {
  return partlyHidden.has(type)
}

/** The type system directives that introspection knows. */
const shownDirectives: ReadonlySet<string> = new Set(['deprecated', 'specifiedBy', 'oneOf'])

const builtInNames = new Set([...specifiedScalarTypes, ...specifiedDirectives].map(({ name }) => name))

/** The types hidden so far, and the consequences. */
class Hiding {
  private readonly types = new Set<string>()

  constructor(private readonly names: LinkedNames) {}

  get size(): number {
    return this.types.size
  }

  /** Hides a type that clients never see. */
  look(type: TypeDefinitionNode | TypeExtensionNode): void {
    if (this.isInaccessible(type) || this.names.isForGateways(type)) this.types.add(type.name.value)
  }

  hides(node: ASTNode): boolean {
    switch (node.kind) {
      case Kind.DIRECTIVE:
        return !shownDirectives.has(node.name.value)
      case Kind.DIRECTIVE_DEFINITION:
        return !isExecutable(node) || builtInNames.has(node.name.value)
      case Kind.NAMED_TYPE:
        return this.isHidden(node)
      case Kind.FIELD_DEFINITION:
      case Kind.INPUT_VALUE_DEFINITION:
        return this.isInaccessible(node) || this.isHidden(node.type)
      case Kind.ENUM_VALUE_DEFINITION:
        return this.isInaccessible(node)
      case Kind.OPERATION_TYPE_DEFINITION:
        return this.isHidden(node.type)
      default: {
        if (!isType(node)) return false
        const name = node.name.value
        return builtInNames.has(name) || name.startsWith('__') || this.types.has(name)
      }
    }
  }

  /** Names of interfaces and unions to which the definition adds a hidden type. */
  typesAbove(node: ASTNode): readonly string[] {
    if (node.kind === Kind.UNION_TYPE_DEFINITION)
      return node.types?.some((type) => this.isHidden(type)) ? [node.name.value] : []
    if (node.kind !== Kind.OBJECT_TYPE_DEFINITION || !this.types.has(node.name.value)) return []
    return (node.interfaces ?? []).map(({ name }) => name.value)
  }

  /** Whether it has lost all its members. A type is hidden then. */
  hidesEmpty(node: ASTNode): boolean {
    // A value may be empty.
    if (!isTypeSystemDefinitionNode(node) && !isTypeSystemExtensionNode(node)) return false
    const isEmpty =
      ('fields' in node && node.fields?.length === 0) ||
      ('values' in node && node.values?.length === 0) ||
      ('types' in node && node.types?.length === 0) ||
      ('operationTypes' in node && node.operationTypes?.length === 0)
    if (isEmpty && isTypeDefinitionNode(node)) this.types.add(node.name.value)
    return isEmpty
  }

  private isHidden(type: TypeNode): boolean {
    return type.kind === Kind.NAMED_TYPE ? this.types.has(type.name.value) : this.isHidden(type.type)
  }

  private isInaccessible({ directives = [] }: { readonly directives?: readonly ConstDirectiveNode[] }) {
    return directives.some(({ name }) => this.names.inaccessible.has(name.value))
  }
}

function isType(node: ASTNode): node is TypeDefinitionNode | TypeExtensionNode {
  return isTypeDefinitionNode(node) || isTypeExtensionNode(node)
}
