import { sumOf } from '../charts/chartSeries'
import { countSince } from '../charts/countSince'
import type { MetricsAnswer } from '../data/metrics'
import { useMetrics } from '../data/useMetrics'
import { formatCount, formatPercent } from '../parts/format'
import { HeadRow } from '../parts/HeadRow'
import { MetricsProblems } from '../parts/MetricsProblems'
import { TableBox } from '../parts/TableBox'

export interface FailuresTableProps {
  readonly objective: string
  readonly models: readonly string[]
  readonly decisions?: MetricsAnswer
  /** When the span counted begins. */
  readonly start: number
}

/** Rows that a version should have answered and did not: without an answer, or answered by a fallback, by code. */
export function FailuresTable({ objective, models, decisions, start }: FailuresTableProps) {
  const failures = useMetrics({
    names: ['presage_version_failures_total'],
    by: ['model', 'code'],
    where: { objective },
  })
  const fallbacks = useMetrics({
    names: ['presage_fallback_total'],
    by: ['from', 'code'],
    where: { objective },
  })
  const problems = [...failures.problems, ...fallbacks.problems]
  if (problems.length > 0) return <MetricsProblems title="Errors" problems={problems} />
  const decided = (model: string) => countSince(decisions, start, ({ labels }) => labels['model'] === model)
  const failed = (model: string, code: string) =>
    countSince(failures.data, start, ({ labels }) => labels['model'] === model && labels['code'] === code)
  const fellBack = (model: string, code: string) =>
    countSince(fallbacks.data, start, ({ labels }) => labels['from'] === model && labels['code'] === code)
  const codes = [...new Set([...codesOf(failures.data), ...codesOf(fallbacks.data)])].sort()
  const total = models.reduce((sum, model) => sum + decided(model), 0)
  return (
    <figure class="chart">
      <figcaption>
        <h3>Decisions and errors</h3>
      </figcaption>
      <p class="note">Errors count rows, of which a decision may have many.</p>
      <TableBox label="Decisions and errors">
        <table aria-label="Decisions and errors">
          <thead>
            <HeadRow names={['In the span counted', ...models]} numbers={models} />
          </thead>
          <tbody>
            <tr>
              <th scope="row">Decisions</th>
              {models.map((model) => (
                <td class="number" key={model}>
                  {formatCount(decided(model))}
                  {total > 0 && ` (${formatPercent(decided(model) / total)})`}
                </td>
              ))}
            </tr>
            {codes.map((code) => (
              <tr key={code}>
                <th scope="row">
                  <code>{code}</code>
                </th>
                {models.map((model) => (
                  <td class="number" key={model}>
                    {formatCount(failed(model, code))} without an answer
                    {Math.round(fellBack(model, code)) > 0 &&
                      `, ${formatCount(fellBack(model, code))} by a fallback`}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </TableBox>
      {codes.length === 0 && <p class="note">No error within the last hour.</p>}
    </figure>
  )
}

function codesOf(answer: MetricsAnswer | undefined): readonly string[] {
  return (answer?.series ?? [])
    .filter(({ values = [] }) => sumOf(values) > 0)
    .map(({ labels }) => labels['code'])
}
