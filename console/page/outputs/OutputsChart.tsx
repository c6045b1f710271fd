import { useState } from 'preact/hooks'
import { drawn } from '../charts/chartSeries'
import { Picker } from '../fields/Picker'
import { Empty } from '../parts/Empty'
import { Problems } from '../parts/Problems'
import { HistogramPlot } from './HistogramPlot'
import { OutputsTable } from './OutputsTable'
import { useDistributions } from './useDistributions'
import { ValuesTable } from './ValuesTable'

export interface OutputsChartProps {
  readonly objective?: string
  /** `name@version`; each has its line, answers to clients and answers as a shadow apart. */
  readonly models: readonly string[]
  readonly outputs: readonly { readonly name: string; readonly measure: string | null }[]
}

/** What versions answer, one distribution over the other. */
export function OutputsChart({ objective, models, outputs }: OutputsChartProps) {
  const { data, problems } = useDistributions(
    models.length === 1 ? { objective, model: models[0] } : { objective },
  )
  const own = (data ?? []).filter(({ model }) => models.includes(model))
  const names = [...new Set(own.map(({ output }) => output))]
  const [wanted, setWanted] = useState<string>()
  const output = wanted !== undefined && names.includes(wanted) ? wanted : names[0]
  const found = own
    .filter((one) => one.output === output && one.count > 0)
    .sort((one, other) => rank(models, one) - rank(models, other))
  const measure = outputs.find(({ name }) => name === output)?.measure
  const hasOthers = found.some((one) => one.objective !== found[0].objective)
  const series = drawn(
    found.map((one) => ({
      label: [one.model, hasOthers && `for ${one.objective}`, one.shadow && 'as shadow']
        .filter(Boolean)
        .join(' '),
      values: [],
    })),
  )
  return (
    <figure class="chart histogram">
      <figcaption>
        <h3>Outputs</h3>
      </figcaption>
      <Problems problems={problems} />
      {names.length > 1 && <Picker label="Output" options={names} chosen={output} onChoose={setWanted} />}
      {problems.length === 0 && found.length === 0 && (
        <Empty>No answer since this page was opened: outputs are only sampled while somebody looks.</Empty>
      )}
      {found.length > 0 && found.every(({ bounds }) => bounds !== null) && (
        <>
          <p class="note">
            {output}
            {measure ? `, in ${measure}` : ''}: the share of answers by value.
          </p>
          <HistogramPlot distributions={found} series={series} />
          <OutputsTable distributions={found} series={series} />
        </>
      )}
      {found.some(({ bounds, values }) => bounds === null && values === null) && (
        <Empty>{output} is text, which may repeat what clients sent: its values are for researchers.</Empty>
      )}
      {found.some(({ values }) => values !== null) && (
        <ValuesTable output={output} distributions={found} series={series} />
      )}
    </figure>
  )
}

function rank(
  models: readonly string[],
  { model, shadow }: { readonly model: string; readonly shadow: boolean },
): number {
  return models.indexOf(model) * 2 + (shadow ? 1 : 0)
}
