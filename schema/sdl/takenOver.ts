import type { DocumentNode, FieldDefinitionNode } from 'graphql'
import { notOneOf } from '../../lib/files/nearMiss'
import { readFederationLink, stringArgument } from './federationLink'

export interface NamedDocument {
  readonly name: string
  readonly document: DocumentNode
}

/**
 * Tells, for a subgraph and `Type.field`, whether another subgraph takes the field over (`@override`), so that no gateway
 * asks the first one for it. With a label, the first one may still be asked.
 */
export type IsTakenOver = (subgraph: string, coordinate: string) => boolean

export function findTakenOver(subgraphs: readonly NamedDocument[]): IsTakenOver {
  const taken = new Set<string>()
  for (const { from, label, coordinate } of subgraphs.flatMap(overridesOf)) {
    if (label === undefined) taken.add(`${from} ${coordinate}`)
  }
  return (subgraph, coordinate) => taken.has(`${subgraph} ${coordinate}`)
}

/**
 * Why `@override` takes a field over from nobody, for a message about two subgraphs that both answer it: empty, or
 * begins with `; `. A name that no subgraph has is right by itself, for one that has left the graph.
 */
export function vainOverrides(subgraphs: readonly NamedDocument[], coordinate: string): string {
  const names = subgraphs.map(({ name }) => name)
  const overrides = subgraphs.flatMap(overridesOf).filter((override) => override.coordinate === coordinate)
  return overrides
    .map(({ subgraph, from = 'nothing', label }) => {
      const others = names.filter((name) => name !== subgraph)
      if (!others.includes(from))
        return `; from of @override in ${subgraph} ${notOneOf('must be another subgraph', from, others)}`
      return label === undefined
        ? ''
        : `; @override in ${subgraph} has a label, with which a field never moves: write it without one`
    })
    .join('')
}

interface Override {
  /** The subgraph that takes the field over. */
  readonly subgraph: string
  readonly coordinate: string
  readonly from: string | undefined
  readonly label: string | undefined
}

function overridesOf({ name: subgraph, document }: NamedDocument): readonly Override[] {
  const name = readFederationLink(document).directive('override')
  return fieldsOf(document).flatMap(({ coordinate, node }) => {
    const override = node.directives?.find((directive) => directive.name.value === name)
    if (override === undefined) return []
    const [from, label] = [stringArgument(override, 'from'), stringArgument(override, 'label')]
    return [{ subgraph, coordinate, from, label }]
  })
}

function fieldsOf({ definitions }: DocumentNode): { coordinate: string; node: FieldDefinitionNode }[] {
  return definitions.flatMap((definition) => {
    if (!('fields' in definition) || !('interfaces' in definition)) return []
    return (definition.fields ?? []).map((node) => ({
      coordinate: `${definition.name.value}.${node.name.value}`,
      node,
    }))
  })
}
