import { type DocumentNode, Kind, parse, type SelectionSetNode } from 'graphql'
import { getOrMake } from '../../lib/groups'
import { checkJoins } from './checkJoins'
import { objectsAndInterfaces } from './definitions'
import { readGraphs } from './joinDirectives'
import { type ListSizes, readListSizes } from './listSizes'
import { Reach } from './reach'
import { checkRequiredFeatures } from './requiredFeatures'
import { createSubgraphFacts, isSelected, type SubgraphFacts } from './subgraphFacts'

/** The facts of a supergraph for planning, checking and execution, read once from its SDL. */
export interface Supergraph extends SubgraphFacts {
  /** Names of the subgraphs, as in query plans. */
  readonly subgraphs: readonly string[]
  /** Which subgraphs can answer fields of an object, depending on where it comes from. */
  readonly reach: Reach
  readonly listSizes: ListSizes
  /** The types that match a type condition on this name, including the name itself. */
  possibleTypes(name: string): ReadonlySet<string>
  /** Whether the field carries @predict, on the type or, for an interface, on a type that implements it. */
  isPrediction(type: string, field: string): boolean
  /**
   * What the subgraph needs from others to resolve the field: the selection of its `@requires`. The type may be the
   * object's own even if the subgraph has an interface object for it.
   */
  requiredBy(subgraph: string, type: string, field: string): SelectionSetNode | undefined
  /** Whether the field is a top-level part of a key by which the subgraph finds entities of the type. */
  isKeyField(subgraph: string, type: string, field: string): boolean
}

/** Throws a LoadError if a join directive is not valid, or if a feature is required which this gateway does not support. */
export function readSupergraph(supergraphSdl: string): Supergraph {
  const document = parse(supergraphSdl, { noLocation: true })
  checkRequiredFeatures(document)
  const graphs = readGraphs(document)
  checkJoins(document, graphs)
  const facts = createSubgraphFacts(document, graphs)
  const possible = readPossibleTypes(document)
  const listSizes = readListSizes(document)
  const possibleTypes = (name: string) => possible.get(name) ?? new Set([name])
  const subgraphs = [...graphs.values()]
  return {
    ...facts,
    subgraphs,
    reach: new Reach(subgraphs, facts),
    listSizes,
    possibleTypes,
    isPrediction(type, field) {
      for (const name of possibleTypes(type)) if (listSizes.get(`${name}.${field}`)?.isPrediction) return true
      return false
    },
    requiredBy(subgraph, type, field) {
      return facts.field(subgraph, facts.typenameFor(subgraph, type) ?? type, field)?.requires
    },
    isKeyField(subgraph, type, field) {
      const known = facts.typenameFor(subgraph, type) ?? type
      return facts.keys(subgraph, known).some(({ selectionSet }) => isSelected(selectionSet, field))
    },
  }
}

function readPossibleTypes(document: DocumentNode): ReadonlyMap<string, ReadonlySet<string>> {
  const possible = new Map<string, Set<string>>()
  const add = (condition: string, type: string) => {
    getOrMake(possible, condition, () => new Set([condition])).add(type)
  }
  for (const { name, interfaces = [] } of objectsAndInterfaces(document)) {
    for (const parent of interfaces) add(parent.name.value, name.value)
  }
  for (const definition of document.definitions) {
    if (definition.kind !== Kind.UNION_TYPE_DEFINITION) continue
    for (const member of definition.types ?? []) add(definition.name.value, member.name.value)
  }
  return possible
}
