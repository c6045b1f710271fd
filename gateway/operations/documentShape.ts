import {
  type ArgumentNode,
  type DefinitionNode,
  type DirectiveNode,
  type DocumentNode,
  type FieldNode,
  Kind,
  print,
  type SelectionNode,
  type SelectionSetNode,
  type ValueNode,
  visit,
} from 'graphql'

/** A document without the literals in its fields' arguments. */
export interface DocumentShape {
  /** Equal for documents that differ only in these literals and in layout. */
  readonly key: string
  /**
   * The literals, by number. Equal literals for one argument of one response key share a number, since fields with the
   * same key must have equal arguments. A value that contains a variable is not a literal.
   */
  readonly literals: readonly ValueNode[]
  /** Whether any selection has a directive. Without directives there are no conditions. */
  readonly hasDirectives: boolean
  /** The number of each literal in this document. */
  readonly numbers: ReadonlyMap<ValueNode, number>
}

/** Separates a document from its literals. */
export function readShape(document: DocumentNode): DocumentShape {
  const reader = new ShapeReader()
  for (const definition of document.definitions) reader.definition(definition)
  return reader
}

class ShapeReader implements DocumentShape {
  key = ''
  readonly literals: ValueNode[] = []
  hasDirectives = false
  readonly numbers = new Map<ValueNode, number>()
  private readonly known = new Map<string, number>()

  definition(node: DefinitionNode): void {
    if (node.kind === Kind.OPERATION_DEFINITION) {
      this.key += `${node.operation} ${node.name?.value ?? ''}(${node.variableDefinitions?.map(print).join()})`
    } else if (node.kind === Kind.FRAGMENT_DEFINITION) {
      this.key += `fragment ${node.name.value} ${node.typeCondition.name.value}`
    } else {
      return
    }
    this.directives(node.directives)
    this.selections(node.selectionSet)
  }

  private selections({ selections }: SelectionSetNode): void {
    this.key += '{'
    for (const selection of selections) this.selection(selection)
    this.key += '}'
  }

  private selection(node: SelectionNode): void {
    if (node.kind === Kind.FIELD) {
      this.field(node)
    } else if (node.kind === Kind.FRAGMENT_SPREAD) {
      this.key += ` ...${node.name.value}`
      this.directives(node.directives)
    } else {
      this.key += ` ... on ${node.typeCondition?.name.value ?? ''}`
      this.directives(node.directives)
      this.selections(node.selectionSet)
    }
  }

  private field(node: FieldNode): void {
    const { alias, name, selectionSet } = node
    this.key += alias === undefined ? ` ${name.value}` : ` ${alias.value}:${name.value}`
    if (node.arguments !== undefined && node.arguments.length > 0) {
      for (const argument of node.arguments) this.argument((alias ?? name).value, argument)
      this.key += ')'
    }
    this.directives(node.directives)
    if (selectionSet !== undefined) this.selections(selectionSet)
  }

  private argument(responseKey: string, { name, value }: ArgumentNode): void {
    this.key += `(${name.value}:${value.kind === Kind.VARIABLE ? `$${value.name.value}` : this.literal(responseKey, name.value, value)}`
  }

  private literal(responseKey: string, argument: string, value: ValueNode): string {
    if (holdsVariable(value)) return print(value)
    const identity = `${responseKey} ${argument} ${textOf(value)}`
    let number = this.known.get(identity)
    if (number === undefined) {
      number = this.literals.push(value) - 1
      this.known.set(identity, number)
    }
    this.numbers.set(value, number)
    return `#${number}`
  }

  private directives(directives: readonly DirectiveNode[] | undefined): void {
    for (const directive of directives ?? []) {
      this.hasDirectives = true
      this.key += print(directive)
    }
  }
}

/** Equal for literals with the same text. */
function textOf(value: ValueNode): string {
  return 'value' in value && typeof value.value === 'string' ? `${value.kind} ${value.value}` : print(value)
}

export function holdsVariable(value: ValueNode): boolean {
  if (value.kind !== Kind.LIST && value.kind !== Kind.OBJECT) return value.kind === Kind.VARIABLE
  let holds = false
  visit(value, {
    Variable() {
      holds = true
    },
  })
  return holds
}
