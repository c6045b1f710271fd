import { isElsewhere } from '../data/metrics'
import { often } from '../data/poll'
import { useGraph } from '../data/useGraph'
import { useMetrics } from '../data/useMetrics'
import { useRuleStatus } from '../data/useRuleStatus'
import type { OutputsChartProps } from '../outputs/OutputsChart'
import { Empty } from '../parts/Empty'
import { MetricsProblems } from '../parts/MetricsProblems'
import { Problems } from '../parts/Problems'
import { ruleTree } from '../rules/ruleTree'
import { useRuleSet } from '../rules/useRuleSet'
import { ShadowSection } from '../shadows/ShadowSection'
import { CompareSection } from './CompareSection'
import { compareOptions } from './compareOptions'
import { RulesSection } from './RulesSection'
import { inEffectSince, type Span, spanStart } from './span'

const query = `query Release($objective: String!) { objectives(name: $objective) {
  outputs { name measure } candidates { model } } }`

interface Answer {
  readonly objectives: readonly {
    readonly outputs: OutputsChartProps['outputs']
    readonly candidates: readonly { readonly model: string }[]
  }[]
}

/** One objective: its rules with live shares, two versions compared, and its shadows. */
export function ObjectiveRelease({ objective, span }: { readonly objective: string; readonly span: Span }) {
  const status = useRuleStatus()
  const number = status.data?.inEffect
  const rules = useRuleSet(number)
  const about = useGraph<Answer>(query, { objective }, often)
  const decisions = useMetrics({
    names: ['presage_routing_decisions_total'],
    by: ['model', 'reason', 'rule', 'cell'],
    where: { objective },
  })
  const tree = rules.data ? ruleTree(rules.data, objective) : undefined
  const found = about.data?.objectives[0]
  const isHere = decisions.data === undefined || !isElsewhere(decisions.data)
  const since = status.data && inEffectSince(status.data)
  const start = spanStart(span, decisions.data?.now ?? Date.now(), since)
  return (
    <>
      <Problems problems={[...status.problems, ...rules.problems, ...about.problems]} />
      {decisions.problems.length > 0 && <MetricsProblems title="Live shares" problems={decisions.problems} />}
      <RulesSection
        objective={objective}
        number={number}
        rules={rules.data}
        decisions={isHere ? decisions.data : undefined}
        start={start}
        isSinceUnknown={span === 'active' && status.data !== undefined && since === undefined}
      />
      {!isHere && (
        <Empty>
          This process decides nothing, so shares, errors, outputs and shadows are not known here. Name a
          Prometheus in console.prometheus, which shows what other processes decide, or open the overview in
          the console of a process that predicts.
        </Empty>
      )}
      {isHere && found !== undefined && tree !== undefined && (
        <CompareSection
          objective={objective}
          options={compareOptions(
            tree,
            found.candidates.map(({ model }) => model),
          )}
          outputs={found.outputs}
          decisions={decisions.data}
          problems={decisions.problems}
          start={start}
        />
      )}
      {isHere && <ShadowSection objective={objective} shadows={tree?.shadows ?? []} />}
    </>
  )
}
