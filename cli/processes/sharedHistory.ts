import type { Worker } from 'node:cluster'
import { type Increase, ToldIncreases } from '../../console/history/increases'
import { MetricHistory } from '../../console/history/metricHistory'
import { readQuestion } from '../../console/metrics/question'
import type { PresageError } from '../../lib/errors'
import { send } from './messages'
import { Round } from './round'

/** The console's metrics of all processes that serve together: at the end of each step, they tell what they counted. */
export class SharedHistory {
  private readonly increases = new ToldIncreases()
  private readonly history: MetricHistory
  private readonly round = new Round({ presage: 'count' })

  constructor(stepMs?: number) {
    const refresh = (done: () => void) => {
      this.increases.clearGauges()
      this.round.ask(done)
    }
    this.history = new MetricHistory({ increases: this.increases, refresh, stepMs })
  }

  join(worker: Worker): void {
    this.round.join(worker)
  }

  /** An answer that comes late counts in the step in which it comes. */
  add(worker: Worker, increases: readonly Increase[]): void {
    this.increases.add(increases)
    this.round.heard(worker)
  }

  /** Answers a client of one of the processes. */
  async show(worker: Worker, id: number, parameters: string): Promise<void> {
    try {
      const answer = await this.history.answer(readQuestion(new URLSearchParams(parameters)))
      send(worker, { presage: 'shown', id, answer: { ...answer, source: 'processes' } })
    } catch (error) {
      const { code, message } = error as PresageError
      send(worker, { presage: 'shown', id, refusal: { code, message } })
    }
  }
}
