import type { DocumentNode, FieldDefinitionNode } from 'graphql'
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
  for (const { document } of subgraphs) {
    const name = readFederationLink(document).directive('override')
    for (const { coordinate, node } of fieldsOf(document)) {
      const override = node.directives?.find((directive) => directive.name.value === name)
      if (override === undefined || stringArgument(override, 'label') !== undefined) continue
      taken.add(`${stringArgument(override, 'from')} ${coordinate}`)
    }
  }
  return (subgraph, coordinate) => taken.has(`${subgraph} ${coordinate}`)
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
