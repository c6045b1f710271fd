import {
  type ConstDirectiveNode,
  type DocumentNode,
  Kind,
  parse,
  parseType,
  type SelectionSetNode,
  type TypeNode,
} from 'graphql'
import { argumentOf, textArgument } from './definitions'

/** A subgraph that has a type, and one key by which it finds entities of it. There is one per key. */
export interface JoinedType {
  readonly subgraph: string
  readonly key: SelectionSetNode | undefined
  readonly isResolvable: boolean
  readonly isInterfaceObject: boolean
}

/** A subgraph that has a field. Without a subgraph, the field is reached only through an interface object. */
export interface JoinedField {
  readonly subgraph: string | undefined
  /** The field's type if it differs from the supergraph's. */
  readonly type: TypeNode | undefined
  readonly isExternal: boolean
  readonly requires: SelectionSetNode | undefined
  readonly provides: SelectionSetNode | undefined
  /** Not to be fetched here: the field was moved to another subgraph, or has not been moved here yet. */
  readonly isElsewhere: boolean
}

/** From the enum value that join directives use to the subgraph's name. */
export type Graphs = ReadonlyMap<string, string>

export function readGraphs(document: DocumentNode): Graphs {
  return new Map(graphValues(document).map(({ value, name }) => [value, name]))
}

/** The subgraphs as the enum `join__Graph` lists them: the enum value, the subgraph's name and its `@join__graph`. */
export function graphValues({ definitions }: DocumentNode): readonly {
  readonly value: string
  readonly name: string
  readonly graph: ConstDirectiveNode | undefined
}[] {
  return definitions.flatMap((definition) => {
    if (definition.kind !== Kind.ENUM_TYPE_DEFINITION || definition.name.value !== 'join__Graph') return []
    return (definition.values ?? []).map((node) => {
      const [graph] = named(node, 'join__graph')
      const value = node.name.value
      return { value, name: (graph && textArgument(graph, 'name')) ?? value, graph }
    })
  })
}

/** Empty for a type without `@join__type`: then all subgraphs have it. */
export function joinedTypes(node: Annotated, graphs: Graphs): readonly JoinedType[] {
  return named(node, 'join__type').flatMap((directive) => {
    const subgraph = subgraphOf(directive, graphs)
    if (subgraph === undefined) return []
    return {
      subgraph,
      key: selection(directive, 'key'),
      isResolvable: flag(directive, 'resolvable') ?? true,
      isInterfaceObject: flag(directive, 'isInterfaceObject') ?? false,
    }
  })
}

/** Empty for a field that every subgraph with its type has. */
export function joinedFields(node: Annotated, graphs: Graphs): readonly JoinedField[] {
  return named(node, 'join__field').map((directive) => {
    const type = textArgument(directive, 'type')
    // With a label, the field is moved only for a part of the requests. Presage leaves it where it was.
    const isNotYetHere =
      textArgument(directive, 'override') !== undefined &&
      textArgument(directive, 'overrideLabel') !== undefined
    return {
      subgraph: subgraphOf(directive, graphs),
      type: type === undefined ? undefined : parseType(type, { noLocation: true }),
      isExternal: flag(directive, 'external') ?? false,
      requires: selection(directive, 'requires'),
      provides: selection(directive, 'provides'),
      isElsewhere: (flag(directive, 'usedOverridden') ?? false) || isNotYetHere,
    }
  })
}

/** Whether the subgraph has the enum value. All subgraphs have it if the supergraph says nothing. */
export function hasEnumValue(node: Annotated, subgraph: string, graphs: Graphs): boolean {
  const joined = named(node, 'join__enumValue')
  return joined.length === 0 || joined.some((directive) => subgraphOf(directive, graphs) === subgraph)
}

/** The interfaces of a type, or the members of a union, in the subgraph; undefined if the supergraph does not say. */
export function namesIn(node: Annotated, subgraph: string, graphs: Graphs): ReadonlySet<string> | undefined {
  const joined = [...named(node, 'join__implements'), ...named(node, 'join__unionMember')]
  if (joined.length === 0) return undefined
  const own = joined.filter((directive) => subgraphOf(directive, graphs) === subgraph)
  return new Set(own.flatMap((one) => textArgument(one, 'interface') ?? textArgument(one, 'member') ?? []))
}

export interface Annotated {
  readonly directives?: readonly ConstDirectiveNode[]
}

function named({ directives }: Annotated, name: string): readonly ConstDirectiveNode[] {
  return directives?.filter((directive) => directive.name.value === name) ?? []
}

function subgraphOf(directive: ConstDirectiveNode, graphs: Graphs): string | undefined {
  return graphs.get(textArgument(directive, 'graph') ?? '')
}

function selection(directive: ConstDirectiveNode, argument: string): SelectionSetNode | undefined {
  return parseSelection(textArgument(directive, argument) ?? '')
}

/** Fields as in `key: "id"`, which composition takes in braces too; undefined for none. Throws a GraphQLError. */
export function parseSelection(fields: string): SelectionSetNode | undefined {
  const text = fields.trim()
  if (text === '') return undefined
  const [operation] = parse(text.startsWith('{') ? text : `{${text}}`, { noLocation: true }).definitions
  return operation.kind === Kind.OPERATION_DEFINITION ? operation.selectionSet : undefined
}

function flag(directive: ConstDirectiveNode, argument: string): boolean | undefined {
  const value = argumentOf(directive, argument)
  return value?.kind === Kind.BOOLEAN ? value.value : undefined
}
