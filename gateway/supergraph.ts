import { type ConstDirectiveNode, type DocumentNode, Kind, parse, type SelectionSetNode } from 'graphql'
import { checkRequiredFeatures } from './requiredFeatures'

/** What query plans do not say and their execution must know, read once from the supergraph's SDL. */
export interface Supergraph {
  /** Names of the subgraphs, as query plans name them. */
  readonly subgraphs: readonly string[]
  /** The object types that a condition on this name lets through; the name itself is always one of them. */
  possibleTypes(name: string): ReadonlySet<string>
  /** Whether the field carries @predict, on the type or, for an interface, on one that implements it. */
  isPrediction(type: string, field: string): boolean
  /** What the subgraph needs of others to resolve the field: the selection of its `@requires`. */
  requiredBy(subgraph: string, type: string, field: string): SelectionSetNode | undefined
  /** Whether the field, at its top, is part of a key by which the subgraph finds entities of the type. */
  isKeyField(subgraph: string, type: string, field: string): boolean
}

/** Throws a LoadError for a supergraph that needs what this gateway does not have. */
export function readSupergraph(supergraphSdl: string): Supergraph {
  const document = parse(supergraphSdl, { noLocation: true })
  checkRequiredFeatures(document)
  const graphs = readGraphs(document)
  const possible = readPossibleTypes(document)
  const predictions = new Set<string>()
  const requirements = new Map<string, SelectionSetNode>()
  const keyFields = new Set<string>()

  for (const definition of document.definitions) {
    if (
      definition.kind !== Kind.OBJECT_TYPE_DEFINITION &&
      definition.kind !== Kind.INTERFACE_TYPE_DEFINITION
    ) {
      continue
    }
    const type = definition.name.value
    for (const [subgraph, key] of readSelections(definition.directives, 'join__type', 'key', graphs)) {
      for (const selection of key.selections) {
        if (selection.kind === Kind.FIELD) keyFields.add(`${subgraph} ${type}.${selection.name.value}`)
      }
    }
    for (const field of definition.fields ?? []) {
      if (field.directives?.some((directive) => directive.name.value === 'predict')) {
        predictions.add(`${type}.${field.name.value}`)
      }
      for (const [subgraph, selection] of readSelections(
        field.directives,
        'join__field',
        'requires',
        graphs,
      )) {
        requirements.set(`${subgraph} ${type}.${field.name.value}`, selection)
      }
    }
  }

  const possibleTypes = (name: string) => possible.get(name) ?? new Set([name])
  return {
    subgraphs: [...graphs.values()],
    possibleTypes,
    isPrediction(type, field) {
      for (const name of possibleTypes(type)) if (predictions.has(`${name}.${field}`)) return true
      return false
    },
    requiredBy: (subgraph, type, field) => requirements.get(`${subgraph} ${type}.${field}`),
    isKeyField: (subgraph, type, field) => keyFields.has(`${subgraph} ${type}.${field}`),
  }
}

/** From the enum value that join directives use to the subgraph's name. */
function readGraphs(document: DocumentNode): Map<string, string> {
  const graphs = new Map<string, string>()
  for (const definition of document.definitions) {
    if (definition.kind !== Kind.ENUM_TYPE_DEFINITION || definition.name.value !== 'join__Graph') continue
    for (const value of definition.values ?? []) {
      const graph = value.directives?.find((directive) => directive.name.value === 'join__graph')
      graphs.set(value.name.value, (graph && text(graph, 'name')) ?? value.name.value)
    }
  }
  return graphs
}

function readPossibleTypes(document: DocumentNode): Map<string, Set<string>> {
  const possible = new Map<string, Set<string>>()
  const add = (condition: string, type: string) => {
    const types = possible.get(condition) ?? new Set([condition])
    possible.set(condition, types.add(type))
  }
  for (const definition of document.definitions) {
    if (
      definition.kind === Kind.OBJECT_TYPE_DEFINITION ||
      definition.kind === Kind.INTERFACE_TYPE_DEFINITION
    ) {
      for (const parent of definition.interfaces ?? []) add(parent.name.value, definition.name.value)
    } else if (definition.kind === Kind.UNION_TYPE_DEFINITION) {
      for (const member of definition.types ?? []) add(definition.name.value, member.name.value)
    }
  }
  return possible
}

/** The selections that an argument of a join directive holds, by the subgraph that the directive is about. */
function* readSelections(
  directives: readonly ConstDirectiveNode[] | undefined,
  name: string,
  argument: string,
  graphs: ReadonlyMap<string, string>,
): Iterable<[subgraph: string, SelectionSetNode]> {
  for (const directive of directives ?? []) {
    if (directive.name.value !== name) continue
    const selection = text(directive, argument)
    const subgraph = graphs.get(text(directive, 'graph') ?? '')
    if (selection === undefined || subgraph === undefined) continue
    const [operation] = parse(`{ ${selection} }`, { noLocation: true }).definitions
    if (operation.kind === Kind.OPERATION_DEFINITION) yield [subgraph, operation.selectionSet]
  }
}

function text(directive: ConstDirectiveNode, argument: string): string | undefined {
  const value = directive.arguments?.find((candidate) => candidate.name.value === argument)?.value
  return value?.kind === Kind.STRING || value?.kind === Kind.ENUM ? value.value : undefined
}
