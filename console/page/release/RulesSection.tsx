import { sumOf } from '../charts/chartSeries'
import { firstStep } from '../charts/countSince'
import type { MetricsAnswer } from '../data/metrics'
import { Empty } from '../parts/Empty'
import { formatCount, formatTime } from '../parts/format'
import { RuleTreeView } from '../rules/RuleTreeView'
import type { RuleSet } from '../rules/ruleSet'
import { leafKey, ruleTree } from '../rules/ruleTree'
import { NoUnitNote } from './NoUnitNote'

export interface RulesSectionProps {
  readonly objective: string
  /** The version of the rules. */
  readonly number?: number
  /** Undefined while they are not known; null if the store does not have them. */
  readonly rules?: RuleSet | null
  /** Undefined where they are not known. */
  readonly decisions?: MetricsAnswer
  /** When the span counted begins. */
  readonly start: number
  /** Whether it should begin when these rules came into effect, which is not known. */
  readonly isSinceUnknown: boolean
}

/** What the rules of an objective send where, with what they have sent. */
export function RulesSection({
  objective,
  number,
  rules,
  decisions,
  start,
  isSinceUnknown,
}: RulesSectionProps) {
  const tree = rules ? ruleTree(rules, objective) : undefined
  const counts = decisions && countLeaves(decisions, start)
  const known = new Set(tree?.ways.flatMap(({ leaves }) => leaves.map(({ key }) => key)))
  const elsewhere = [...(counts ?? [])].filter(([key, count]) => !known.has(key) && count > 0)
  return (
    <section class="stack" aria-labelledby="rules-heading">
      <h2 id="rules-heading">Rules{number === undefined ? '' : `, version ${number}`}</h2>
      {tree === undefined ? (
        <Empty>{whyEmpty(rules, objective)}</Empty>
      ) : (
        <>
          <p class="note">
            {describeSpan(decisions, start)}
            {decisions !== undefined &&
              isSinceUnknown &&
              ' The whole hour is counted: when these rules came into effect here is not known.'}
          </p>
          <RuleTreeView objective={objective} tree={tree} counts={counts} />
          <NoUnitNote objective={objective} start={start} />
          {elsewhere.length > 0 && (
            <p class="note">
              Elsewhere, by an override or by rules before these:{' '}
              {elsewhere
                .map(([key, count]) => `${JSON.parse(key)[3] ?? 'all others'} ${formatCount(count)}`)
                .join(', ')}
              .
            </p>
          )}
        </>
      )}
    </section>
  )
}

function whyEmpty(rules: RuleSet | null | undefined, objective: string): string {
  if (rules === undefined) return 'Loading …'
  if (rules === null)
    return 'The store does not have the rules in effect, so they cannot be drawn. Version 0 is a rule file.'
  return `The rules in effect have nothing for ${objective}: write a default for it.`
}

function describeSpan(decisions: MetricsAnswer | undefined, start: number): string {
  if (decisions === undefined) return 'Shares that the rules plan.'
  const { times, stepMs } = decisions
  const from = firstStep(decisions, start)
  if (from >= times.length) return `No whole step of ${stepMs / 1000} s has passed yet.`
  return `Decisions from ${formatTime(times[from] - stepMs)} to ${formatTime(times[times.length - 1])}.`
}

/** Decisions by where they ended. */
function countLeaves(decisions: MetricsAnswer, start: number): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  const from = firstStep(decisions, start)
  for (const { labels, values = [] } of decisions.series) {
    const { model, reason, rule, cell } = labels
    const key = leafKey({ model, reason, rule, cell })
    counts.set(key, (counts.get(key) ?? 0) + sumOf(values.slice(from)))
  }
  return counts
}
