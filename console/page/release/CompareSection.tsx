import type { MetricsAnswer } from '../data/metrics'
import { changeSettings, place } from '../data/place'
import type { Problem } from '../data/problem'
import { Picker } from '../fields/Picker'
import { OutputsChart, type OutputsChartProps } from '../outputs/OutputsChart'
import { Empty } from '../parts/Empty'
import { MetricsProblems } from '../parts/MetricsProblems'
import type { CompareOptions } from './compareOptions'
import { FailuresTable } from './FailuresTable'
import { LatencyChart } from './LatencyChart'
import { TrafficChart } from './TrafficChart'

export interface CompareSectionProps {
  readonly objective: string
  readonly options: CompareOptions
  readonly outputs: OutputsChartProps['outputs']
  readonly decisions?: MetricsAnswer
  /** Why decisions are not known. */
  readonly problems: readonly Problem[]
  /** When the span counted begins. */
  readonly start: number
}

/** Two versions side by side: traffic, errors, latency, and what they answer. */
export function CompareSection({
  objective,
  options,
  outputs,
  decisions,
  problems,
  start,
}: CompareSectionProps) {
  const { settings } = place.value
  const pick = (name: 'base' | 'other') =>
    options.models.includes(settings[name] ?? '') ? settings[name] : options[name]
  const base = pick('base')
  const other = pick('other')
  const models = [...new Set([base, other])].filter((model) => model !== undefined)
  return (
    <section class="stack" aria-labelledby="compare-heading">
      <h2 id="compare-heading">Versions compared</h2>
      {models.length < 2 && (
        <Empty>
          {options.models.length > 1
            ? 'This is one version twice. Choose another one beside it.'
            : `The rules name one version of ${objective} here. Add a canary, an experiment or a shadow with another one to compare the two.`}
        </Empty>
      )}
      {options.models.length > 1 && (
        <div class="controls">
          {(['base', 'other'] as const).map((name) => (
            <Picker
              key={name}
              label={name === 'base' ? 'Version' : 'Beside'}
              options={options.models}
              chosen={pick(name)}
              onChoose={(model) => changeSettings({ [name]: model })}
            />
          ))}
        </div>
      )}
      <div class="charts">
        {problems.length > 0 ? (
          <MetricsProblems title="Traffic" problems={problems} />
        ) : (
          <TrafficChart models={models} decisions={decisions} />
        )}
        <LatencyChart models={models} />
        <OutputsChart objective={objective} models={models} outputs={outputs} />
        <FailuresTable objective={objective} models={models} decisions={decisions} start={start} />
      </div>
    </section>
  )
}
