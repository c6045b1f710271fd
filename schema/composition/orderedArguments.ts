import { type DocumentNode, visit } from 'graphql'
import { predictArguments, predictName } from '../sdl/predictDirective'

/**
 * The arguments of each `@predict` in the order of its definition. Composition compares directives by their text, and
 * would give a field that subgraphs share two of them.
 */
export function orderArguments(document: DocumentNode): DocumentNode {
  return visit(document, {
    Directive(node) {
      if (node.name.value !== predictName) return undefined
      const args = node.arguments ?? []
      const inOrder = predictArguments.flatMap((name) =>
        args.filter((argument) => argument.name.value === name),
      )
      return { ...node, arguments: inOrder }
    },
  })
}
