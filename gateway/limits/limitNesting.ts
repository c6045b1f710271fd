import {
  type ASTVisitor,
  BREAK,
  type DocumentNode,
  GraphQLError,
  Kind,
  type ValidationContext,
  visit,
} from 'graphql'
import { extensionsOf } from '../graphql/locatedError'
import { maxNesting, tooDeep } from '../graphql/tooDeep'

/**
 * Refuses a document that nests deeper than recursive code, such as the rules of graphql-js, has stack for. It then hides the document
 * from the rules that follow, so it must stand before all rules that visit a document themselves.
 */
export function limitNesting(context: ValidationContext): ASTVisitor {
  return {
    Document(document) {
      if (!nestsTooDeep(document)) return undefined
      const error = tooDeep()
      context.reportError(
        new GraphQLError(error.message, { originalError: error, extensions: extensionsOf(error) }),
      )
      return null
    },
  }
}

function nestsTooDeep(document: DocumentNode): boolean {
  let level = 0
  let deepest = 0
  visit(document, {
    enter({ kind }) {
      if (opensLevel.has(kind)) deepest = Math.max(deepest, ++level)
      return deepest > maxNesting ? BREAK : undefined
    },
    leave({ kind }) {
      if (opensLevel.has(kind)) level--
    },
  })
  return deepest > maxNesting
}

const opensLevel: ReadonlySet<Kind> = new Set([Kind.SELECTION_SET, Kind.LIST, Kind.OBJECT, Kind.LIST_TYPE])
