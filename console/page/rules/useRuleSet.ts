import { useGraph } from '../data/useGraph'
import type { Resource } from '../data/useSent'
import type { RuleSet } from './ruleSet'

interface Answer {
  readonly ruleSets: readonly { readonly number: number; readonly rules: RuleSet | null }[]
}

const query = `query Rules($before: Int!) { ruleSets(limit: 1, before: $before) { number rules } }`

/** The rules of one numbered version; `data` is null if the store does not have it. Versions never change. */
export function useRuleSet(number: number | undefined): Resource<RuleSet | null> {
  const asked = useGraph<Answer>(number === undefined ? undefined : query, { before: (number ?? 0) + 1 })
  const found = asked.data?.ruleSets[0]
  return {
    ...asked,
    data: asked.data === undefined ? undefined : found?.number === number ? (found?.rules ?? null) : null,
  }
}
