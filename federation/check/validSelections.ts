import {
  type ArgumentNode,
  doTypesOverlap,
  type FieldNode,
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLNamedType,
  type GraphQLSchema,
  getNamedType,
  isCompositeType,
  isInterfaceType,
  isNonNullType,
  isObjectType,
  isRequiredArgument,
  isTypeSubTypeOf,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
  typeFromAST,
  type ValueNode,
  type VariableDefinitionNode,
  valueFromAST,
} from 'graphql'

/**
 * Why an operation of a plan is invalid against a schema; undefined if it is valid. Stricter and much faster than the
 * rules of graphql-js: directives and named fragments are not allowed, and all fields with one response key at one
 * place must have the same type.
 */
export function invalidity(operation: OperationDefinitionNode, schema: GraphQLSchema): string | undefined {
  try {
    new Validation(operation, schema).run()
    return undefined
  } catch (error) {
    if (error instanceof Invalid) return error.message
    throw error
  }
}

class Invalid extends Error {}

class Validation {
  private readonly declared = new Map<string, VariableDefinitionNode>()
  private readonly used = new Set<string>()
  /** By the path of response keys. */
  private readonly types = new Map<string, string>()

  constructor(
    private readonly operation: OperationDefinitionNode,
    private readonly schema: GraphQLSchema,
  ) {}

  run(): void {
    const { operation, variableDefinitions = [], selectionSet } = this.operation
    for (const definition of variableDefinitions) {
      const name = definition.variable.name.value
      if (this.declared.has(name)) throw new Invalid(`$${name} is declared twice`)
      this.declared.set(name, definition)
    }
    const root = this.schema.getRootType(operation)
    if (!root) throw new Invalid(`there is no ${operation}`)
    this.selections(selectionSet, root, '')
    for (const name of this.declared.keys()) {
      if (!this.used.has(name)) throw new Invalid(`$${name} is declared and not used`)
    }
  }

  private selections({ selections }: SelectionSetNode, parent: GraphQLNamedType, path: string): void {
    for (const selection of selections) {
      if (selection.directives !== undefined && selection.directives.length > 0) {
        throw new Invalid('a directive may change it')
      }
      if (selection.kind === Kind.FIELD) this.field(selection, parent, path)
      else if (selection.kind === Kind.FRAGMENT_SPREAD) throw new Invalid('a fragment is named')
      else {
        const name = selection.typeCondition?.name.value
        const type = name === undefined ? parent : this.schema.getType(name)
        if (
          !isCompositeType(type) ||
          !isCompositeType(parent) ||
          !doTypesOverlap(this.schema, parent, type)
        ) {
          throw new Invalid(`a ${parent.name} cannot be a ${name}`)
        }
        this.selections(selection.selectionSet, type, path)
      }
    }
  }

  private field(node: FieldNode, parent: GraphQLNamedType, path: string): void {
    const name = node.name.value
    if (name === '__typename') {
      this.agree(node, path, 'String!')
      return
    }
    const fields = isObjectType(parent) || isInterfaceType(parent) ? parent.getFields() : {}
    if (!Object.hasOwn(fields, name)) throw new Invalid(`${parent.name} has no field ${name}`)
    const definition = fields[name]
    this.arguments(node.arguments ?? [], definition, `${parent.name}.${name}`)
    this.agree(node, path, String(definition.type))
    const type = getNamedType(definition.type)
    if (isCompositeType(type) !== (node.selectionSet !== undefined)) {
      throw new Invalid(`${parent.name}.${name} must have a selection exactly if its type has fields`)
    }
    if (node.selectionSet) this.selections(node.selectionSet, type, `${path}.${responseKey(node)}`)
  }

  private agree(node: FieldNode, path: string, type: string): void {
    const key = `${path}.${responseKey(node)}`
    const known = this.types.get(key)
    if (known !== undefined && known !== type)
      throw new Invalid(`${key.slice(1)} is a ${known} and a ${type}`)
    this.types.set(key, type)
  }

  private arguments(
    given: readonly ArgumentNode[],
    { args }: GraphQLField<unknown, unknown>,
    field: string,
  ): void {
    const names = new Set<string>()
    for (const { name, value } of given) {
      const definition = args.find((one) => one.name === name.value)
      if (definition === undefined) throw new Invalid(`${field} has no argument ${name.value}`)
      if (names.has(name.value)) throw new Invalid(`${field} is given ${name.value} twice`)
      names.add(name.value)
      this.value(value, definition, `${field}(${name.value}:)`)
    }
    for (const definition of args) {
      if (isRequiredArgument(definition) && !names.has(definition.name)) {
        throw new Invalid(`${field} must be given ${definition.name}`)
      }
    }
  }

  private value(value: ValueNode, definition: GraphQLArgument, what: string): void {
    if (value.kind !== Kind.VARIABLE) {
      if (valueFromAST(value, definition.type) === undefined)
        throw new Invalid(`${what} has an invalid value`)
      return
    }
    const name = value.name.value
    const declared = this.declared.get(name)
    if (declared === undefined) throw new Invalid(`$${name} is not declared`)
    this.used.add(name)
    if (!this.mayBeGiven(declared, definition)) {
      throw new Invalid(`${what} is a ${definition.type}, but $${name} is not`)
    }
  }

  /**
   * As in the specification, a nullable variable may be used for a non-null argument if one of the two has a default.
   */
  private mayBeGiven({ type, defaultValue }: VariableDefinitionNode, definition: GraphQLArgument): boolean {
    // graphql-js declares one overload per kind of type node, and none for their union.
    const own = typeFromAST(this.schema, type as Parameters<typeof typeFromAST>[1]) as
      | GraphQLInputType
      | undefined
    if (own === undefined) return false
    const wanted = definition.type
    if (isTypeSubTypeOf(this.schema, own, wanted)) return true
    const hasDefault =
      definition.defaultValue !== undefined || (defaultValue !== undefined && defaultValue.kind !== Kind.NULL)
    return hasDefault && isNonNullType(wanted) && isTypeSubTypeOf(this.schema, own, wanted.ofType)
  }
}

function responseKey({ alias, name }: FieldNode): string {
  return (alias ?? name).value
}
