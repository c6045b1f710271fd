import { often } from '../data/poll'
import { useGraph } from '../data/useGraph'
import { Problems } from '../parts/Problems'
import { useRuleSet } from '../rules/useRuleSet'
import type { Trial } from '../rules/WayView'
import { DecisionDrawn } from './DecisionDrawn'
import { type Draw, DrawsTable } from './DrawsTable'
import type { Decision } from './decision'

interface Explanation {
  readonly ruleSet: number
  readonly error: string | null
  readonly decision: Decision | null
  readonly rules: readonly (Trial & { readonly name: string })[]
  readonly draws: readonly Draw[]
}

const query = `query Explain($objective: String!, $rules: Int, $context: JSON, $inputs: JSON) {
  explainRoute(objective: $objective, rules: $rules, context: $context, inputs: $inputs) {
    ruleSet error
    decision { model shard reason rule experiment cell bucket shadows flags }
    rules { name matched clauses { clause held wanted got } }
    draws { by name salt unit value bucket cell taken } } }`

export interface RouteExplainedProps {
  readonly objective: string
  /** A version of the rules; by default the one in effect. */
  readonly rules?: number | undefined
  readonly context: Readonly<Record<string, unknown>>
  readonly inputs: Readonly<Record<string, unknown>>
}

/** How rules decide for a context. */
export function RouteExplained({ objective, rules: asked, context, inputs }: RouteExplainedProps) {
  const variables = { objective, rules: asked, context, ...(Object.keys(inputs).length > 0 && { inputs }) }
  const { data, problems, isLoading } = useGraph<{ explainRoute: Explanation }>(query, variables, often)
  const found = data?.explainRoute
  // Version 0 is a rule file, which the store does not have.
  const rules = useRuleSet(found?.ruleSet || undefined)
  if (isLoading) return <p>Loading …</p>
  return (
    <div class="stack" role="status">
      <Problems problems={problems} />
      {found?.error === 'NEEDS_INPUTS' && (
        <p class="empty">The rules of {objective} decide row by row: fill in the inputs of a row.</p>
      )}
      {found?.decision && (
        <>
          <DecisionDrawn
            objective={objective}
            ruleSet={found.ruleSet}
            rules={rules}
            decision={found.decision}
            trials={new Map(found.rules.map((rule) => [rule.name, rule]))}
          />
          <DrawsTable draws={found.draws} />
        </>
      )}
    </div>
  )
}
