import { often } from './poll'
import { useGraph } from './useGraph'
import type { Resource } from './useSent'

export interface RuleStatus {
  readonly store: string
  readonly active: {
    readonly number: number
    readonly kind: string
    readonly by: string
    readonly time: string
  } | null
  readonly previous: number | null
  readonly inEffect: number
  readonly state: string
  readonly why: string | null
  readonly nodes: readonly {
    readonly name: string
    readonly inEffect: number | null
    readonly straggler: boolean
    readonly note: string | null
    readonly problems: readonly string[]
  }[]
}

const query = `query RuleStatus { ruleStatus {
  store active { number kind by time } previous inEffect state why
  nodes { name inEffect straggler note problems } } }`

export function useRuleStatus(): Resource<RuleStatus> {
  const asked = useGraph<{ ruleStatus: RuleStatus }>(query, {}, often)
  return { ...asked, data: asked.data?.ruleStatus }
}
