import {
  type ASTVisitor,
  BREAK,
  type DocumentNode,
  GraphQLError,
  Kind,
  type ValidationContext,
  visit,
} from 'graphql'
import { extensionsOf } from './locatedError'
import { maxNesting, tooDeep } from './tooDeep'

/**
 * Refuses a document that nests deeper than the recursions behind it have stack for, as those of the rules of graphql-js. It takes the
 * document away from the other rules then, so that it has to be given before rules that look into one as a whole.
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
