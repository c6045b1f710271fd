import { linkTo } from '../data/place'
import type { Resource } from '../data/useSent'
import { Problems } from '../parts/Problems'
import { RuleTreeView } from '../rules/RuleTreeView'
import type { RuleSet } from '../rules/ruleSet'
import { leafKey, ruleTree } from '../rules/ruleTree'
import type { Trial } from '../rules/WayView'
import type { Decision } from './decision'
import { OutcomeText, verbOf } from './OutcomeText'

export interface DecisionDrawnProps {
  readonly objective: string
  /** The version of the rules that decided. */
  readonly ruleSet: number
  readonly rules: Resource<RuleSet | null>
  readonly decision: Decision
  readonly trials?: ReadonlyMap<string, Trial>
}

/** One decision: in a sentence, and as the path through the rules that it took. */
export function DecisionDrawn({ objective, ruleSet, rules, decision, trials }: DecisionDrawnProps) {
  const tree = rules.data ? ruleTree(rules.data, objective) : undefined
  return (
    <>
      <p>
        <strong>
          <a href={linkTo('models', decision.model)}>{decision.model}</a>
        </strong>{' '}
        {verbOf(decision)} {objective}
        {decision.shard !== undefined && ` on ${decision.shard}`}, {reasonText(decision)}, by version{' '}
        {ruleSet} of the rules
        {decision.bucket != null &&
          `; its unit is in bucket ${decision.bucket.toLocaleString('en')} of 1,000,000`}
        .
        {decision.flags?.includes('NO_UNIT') &&
          ' A draw was due, but the request has no unit to draw by (NO_UNIT).'}
        {decision.shadows != null &&
          decision.shadows.length > 0 &&
          ` Shadows: ${decision.shadows.join(', ')}.`}
        <OutcomeText of={decision} />
      </p>
      <Problems problems={rules.problems} />
      {rules.data === null && (
        <p class="note">The store does not have these rules any more, so they cannot be drawn.</p>
      )}
      {tree !== undefined && (
        <RuleTreeView objective={objective} tree={tree} lit={leafKey(decision)} trials={trials} />
      )}
    </>
  )
}

function reasonText({ reason, rule, experiment, cell }: Decision): string {
  const by = rule ? `by rule ${rule}` : 'by default'
  if (reason === 'experiment') return `${by}, as cell ${cell} of experiment ${experiment}`
  if (reason === 'canary') return `${by}, as canary`
  if (reason === 'override') return 'because the request overrode the rules'
  return by
}
