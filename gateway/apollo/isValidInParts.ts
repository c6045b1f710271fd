import {
  type DocumentNode,
  type GraphQLSchema,
  TypeInfo,
  ValidationContext,
  type ValidationRule,
  visitInParallel,
  visitWithTypeInfo,
} from 'graphql'
import { loopTurn } from '../../lib/scheduling/loopTurn'
import { DocumentVisit } from '../graphql/documentVisit'

/**
 * Whether `validate` of graphql-js finds no error, found out in parts of turns of the event loop. The first error ends
 * it: only `validate` itself lists them all as clients know them.
 */
export async function isValidInParts(
  schema: GraphQLSchema,
  document: DocumentNode,
  rules: readonly ValidationRule[],
  client: string,
): Promise<boolean> {
  let hasErrors = false
  const typeInfo = new TypeInfo(schema)
  const context = new ValidationContext(schema, document, typeInfo, () => {
    hasErrors = true
  })
  const visitor = visitInParallel(rules.map((rule) => rule(context)))
  const visit = new DocumentVisit(document, visitWithTypeInfo(typeInfo, visitor))
  for (let parts = 0; ; parts++) {
    await new Promise<void>((resolve) => loopTurn.later(client, resolve, parts))
    const beganAt = performance.now()
    try {
      do {
        for (let steps = 0; steps < stepsPerLook; steps++) {
          if (!visit.step()) return !hasErrors
          if (hasErrors) return false
        }
      } while (!loopTurn.isOver(beganAt))
    } catch {
      return false
    }
  }
}

/** To look at the clock takes as long as a step. */
const stepsPerLook = 16
