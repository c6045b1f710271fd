import { useGraph } from '../data/useGraph'
import type { Resource } from '../data/useSent'
import type { RuleSet } from './ruleSet'

interface Answer {
  readonly ruleSets: readonly { readonly number: number; readonly rules: RuleSet | null }[]
}

const query = `query Rules($before: Int!) { ruleSets(limit: 1, before: $before) { number rules } }`

/** The highest `Int` of GraphQL. */
export const highestInt = 2 ** 31 - 1

/** The rules of one numbered version; `data` is null if the store does not have it. Versions never change. */
export function useRuleSet(number: number | undefined): Resource<RuleSet | null> {
  // Somebody may have pasted a higher number.
  const before = Math.min((number ?? 0) + 1, highestInt)
  const asked = useGraph<Answer>(number === undefined ? undefined : query, { before })
  const found = asked.data?.ruleSets[0]
  return {
    ...asked,
    data: asked.data === undefined ? undefined : found?.number === number ? (found?.rules ?? null) : null,
  }
}
