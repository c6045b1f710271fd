import {
  type ConstDirectiveNode,
  type DocumentNode,
  type FieldNode,
  type InterfaceTypeDefinitionNode,
  Kind,
  type ObjectTypeDefinitionNode,
  type OperationDefinitionNode,
  parse,
  type SelectionSetNode,
} from 'graphql'

/** What the directives of all subgraphs say together. */
export interface FederationFacts {
  /** Each type's keys, of all subgraphs. */
  readonly keys: ReadonlyMap<string, ReadonlyMap<string, SelectionSetNode>>
  /** What each field requires, by `Type.field`. */
  readonly requires: ReadonlyMap<string, SelectionSetNode>
  /** `subgraph Type.field` of those that another subgraph took over. */
  readonly overridden: ReadonlySet<string>
}

export function readFederation(subgraphs: ReadonlyMap<string, DocumentNode>): FederationFacts {
  const keys = new Map<string, Map<string, SelectionSetNode>>()
  const requires = new Map<string, SelectionSetNode>()
  const overridden = new Set<string>()
  for (const document of subgraphs.values()) {
    for (const type of document.definitions) {
      if (type.kind !== Kind.OBJECT_TYPE_DEFINITION && type.kind !== Kind.INTERFACE_TYPE_DEFINITION) continue
      const name = type.name.value
      for (const key of argumentsOf(type, 'key', 'fields')) {
        const known = keys.get(name) ?? new Map<string, SelectionSetNode>()
        keys.set(name, known.set(key, parseFields(key)))
      }
      for (const field of type.fields ?? []) {
        const coordinate = `${name}.${field.name.value}`
        for (const needed of argumentsOf(field, 'requires', 'fields'))
          requires.set(coordinate, parseFields(needed))
        for (const from of argumentsOf(field, 'override', 'from')) overridden.add(`${from} ${coordinate}`)
      }
    }
  }
  return { keys, requires, overridden }
}

/** The fields of a selection, where only fields are selected. */
export function fieldsOf(selections: SelectionSetNode): readonly FieldNode[] {
  return selections.selections.filter((it): it is FieldNode => it.kind === Kind.FIELD)
}

function parseFields(text: string): SelectionSetNode {
  return (parse(`{ ${text} }`, { noLocation: true }).definitions[0] as OperationDefinitionNode).selectionSet
}

function argumentsOf(
  node:
    | { readonly directives?: readonly ConstDirectiveNode[] }
    | ObjectTypeDefinitionNode
    | InterfaceTypeDefinitionNode,
  directive: string,
  argument: string,
): string[] {
  return (node.directives ?? [])
    .filter(({ name }) => name.value === directive)
    .flatMap(({ arguments: args = [] }) =>
      args.flatMap(({ name, value }) =>
        name.value === argument && value.kind === Kind.STRING ? [value.value] : [],
      ),
    )
}
