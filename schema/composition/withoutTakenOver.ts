import {
  type DocumentNode,
  type ObjectTypeDefinitionNode,
  type ObjectTypeExtensionNode,
  visit,
} from 'graphql'
import { predictName } from '../sdl/predictDirective'
import type { IsTakenOver, NamedDocument } from '../sdl/takenOver'

/**
 * Removes `@predict` from the fields that another subgraph takes over. Composition would give the field the directives of
 * both.
 */
export function withoutTakenOver(
  { name: subgraph, document }: NamedDocument,
  isTakenOver: IsTakenOver,
): DocumentNode {
  const strip = <T extends ObjectTypeDefinitionNode | ObjectTypeExtensionNode>(node: T): T => ({
    ...node,
    fields: node.fields?.map((field) =>
      isTakenOver(subgraph, `${node.name.value}.${field.name.value}`)
        ? { ...field, directives: field.directives?.filter(({ name }) => name.value !== predictName) }
        : field,
    ),
  })
  return visit(document, { ObjectTypeDefinition: strip, ObjectTypeExtension: strip })
}
