import { mergedText, type PrometheusMetrics } from '../../telemetry/prometheus'
import { member } from './member'
import { isOurs, type ToMember, tell } from './messages'

/** The text of `/metrics`: of all that serve together, summed, without those that do not answer in time. */
export function metricsTextOf(metrics: PrometheusMetrics): () => Promise<string> {
  if (member === undefined) return metrics.text
  const asked = new Map<number, (text: Promise<string>) => void>()
  let last = 0
  process.on('message', (message: unknown) => {
    if (!isOurs<ToMember>(message)) return
    if (message.presage === 'measure') {
      const { id } = message
      void metrics.report().then((report) => tell({ presage: 'report', id, report }))
    } else if (message.presage === 'reports') asked.get(message.id)?.(mergedText(message.reports))
  })
  return () =>
    new Promise((resolve) => {
      const id = ++last
      asked.set(id, (text) => {
        asked.delete(id)
        resolve(text)
      })
      tell({ presage: 'ask', id })
    })
}

/** Tells the process that started this one that it serves now. */
export function tellReady(url: string): void {
  if (member !== undefined) tell({ presage: 'ready', url })
}
