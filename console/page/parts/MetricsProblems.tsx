import type { Problem } from '../data/problem'
import { Problems } from './Problems'

/** In the place of a chart whose metrics were refused. */
export function MetricsProblems({
  title,
  problems,
}: {
  readonly title: string
  readonly problems: readonly Problem[]
}) {
  return (
    <figure class="chart">
      <figcaption>
        <h3>{title}</h3>
      </figcaption>
      <Problems problems={problems} />
    </figure>
  )
}
