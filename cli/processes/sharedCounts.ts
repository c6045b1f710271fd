import { Increases } from '../../console/history/increases'
import type { MetricsAnswer } from '../../console/metrics/answer'
import { PresageError } from '../../lib/errors'
import type { MetricReadings } from '../../lib/metricReadings'
import { isOurs, type Shown, type ToMember, tell } from './messages'
import { OpenQuestions } from './openQuestions'

export interface SharedCounts {
  /** Answers the parameters of `GET /console/metrics` for all processes that serve together. */
  view(parameters: URLSearchParams): Promise<MetricsAnswer>
  stop(): void
}

/** Counts for the process that started this one, which keeps the console's history of all. */
export function shareCounts(readings: MetricReadings): SharedCounts {
  const increases = new Increases(readings)
  const questions = new OpenQuestions<Shown>()
  const tellCounted = () => void tell({ presage: 'counted', increases: increases.take() })
  const take = (message: unknown) => {
    if (!isOurs<ToMember>(message)) return
    if (message.presage === 'count') tellCounted()
    else if (message.presage === 'shown') questions.answered(message.id, message)
  }
  process.on('message', take)
  void tell({ presage: 'counts' })
  return {
    async view(parameters) {
      const shown = await questions.ask((id) => ({ presage: 'show', id, parameters: parameters.toString() }))
      if ('answer' in shown) return shown.answer
      const { code, message } = shown.refusal
      throw code === undefined ? new Error(message) : new PresageError(code, message)
    },
    stop() {
      process.off('message', take)
      // Nobody will ask for what was counted last.
      tellCounted()
    },
  }
}
