import {
  type ArgumentNode,
  type DefinitionNode,
  type DirectiveNode,
  type DocumentNode,
  Kind,
  print,
  type SelectionNode,
  type SelectionSetNode,
  type ValueNode,
  type VariableDefinitionNode,
} from 'graphql'

/** A document as text, its literals as they were written: a printer of values would write all forms of a string alike. */
export function writeDocument({ definitions }: DocumentNode): string {
  const isShort = definitions.length === 1
  return definitions.map((definition) => writeDefinition(definition, isShort)).join('\n')
}

function writeDefinition(definition: DefinitionNode, isShort: boolean): string {
  if (definition.kind === Kind.FRAGMENT_DEFINITION) {
    const { name, typeCondition, directives, selectionSet } = definition
    return `fragment ${name.value} on ${typeCondition.name.value}${writeDirectives(directives)} ${writeSelections(selectionSet)}`
  }
  if (definition.kind !== Kind.OPERATION_DEFINITION) return print(definition)
  const { operation, name, variableDefinitions = [], directives = [], selectionSet } = definition
  const body = writeSelections(selectionSet)
  const isPlain =
    operation === 'query' && name === undefined && variableDefinitions.length + directives.length === 0
  if (isPlain && isShort) return body
  return `${operation}${name ? ` ${name.value}` : ''}${writeVariables(variableDefinitions)}${writeDirectives(directives)} ${body}`
}

function writeVariables(definitions: readonly VariableDefinitionNode[]): string {
  if (definitions.length === 0) return ''
  const texts = definitions.map(
    ({ variable, type, defaultValue }) =>
      `$${variable.name.value}: ${print(type)}${defaultValue ? ` = ${writeValue(defaultValue)}` : ''}`,
  )
  return `(${texts.join(', ')})`
}

function writeSelections({ selections }: SelectionSetNode): string {
  return `{ ${selections.map(writeSelection).join(' ')} }`
}

function writeSelection(selection: SelectionNode): string {
  const directives = writeDirectives(selection.directives)
  switch (selection.kind) {
    case Kind.FIELD: {
      const { alias, name, arguments: args, selectionSet } = selection
      const inside = selectionSet ? ` ${writeSelections(selectionSet)}` : ''
      return `${alias ? `${alias.value}: ` : ''}${name.value}${writeArguments(args)}${directives}${inside}`
    }
    case Kind.INLINE_FRAGMENT: {
      const { typeCondition, selectionSet } = selection
      return `...${typeCondition ? ` on ${typeCondition.name.value}` : ''}${directives} ${writeSelections(selectionSet)}`
    }
    case Kind.FRAGMENT_SPREAD:
      return `...${selection.name.value}${directives}`
  }
}

function writeDirectives(directives: readonly DirectiveNode[] = []): string {
  return directives.map(({ name, arguments: args }) => ` @${name.value}${writeArguments(args)}`).join('')
}

function writeArguments(args: readonly ArgumentNode[] = []): string {
  if (args.length === 0) return ''
  return `(${args.map(({ name, value }) => `${name.value}: ${writeValue(value)}`).join(', ')})`
}

function writeValue(value: ValueNode): string {
  switch (value.kind) {
    case Kind.VARIABLE:
      return `$${value.name.value}`
    case Kind.LIST:
      return `[${value.values.map(writeValue).join(', ')}]`
    case Kind.OBJECT:
      return `{${value.fields.map((field) => `${field.name.value}: ${writeValue(field.value)}`).join(', ')}}`
    default: {
      const { loc } = value
      return loc ? loc.source.body.slice(loc.start, loc.end) : print(value)
    }
  }
}
