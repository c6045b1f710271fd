import type { MetricsAnswer } from '../data/metrics'

/** Whose metrics the charts show. */
export function SourceNote({ source, stepMs }: Pick<MetricsAnswer, 'source' | 'stepMs'>) {
  return (
    <p class="note">
      The charts show the last hour {whose[source]}, in steps of {stepMs / 1000} s. They are brought up to
      date every ten seconds while this page can be seen.
    </p>
  )
}

const predictsElsewhere =
  'decisions and models are those of the processes that predict: a Prometheus in console.prometheus shows them'

const whose = {
  process: 'of the process that serves this page',
  processes: 'of all processes on this machine together',
  gateway: `of this gateway alone (${predictsElsewhere})`,
  platform: `of the process of the platform alone (${predictsElsewhere})`,
  prometheus: 'of all processes together, as Prometheus reads them',
}
