import type { Worker } from 'node:cluster'
import { type Increase, ToldIncreases } from '../../console/history/increases'
import { MetricHistory } from '../../console/history/metricHistory'
import { readQuestion } from '../../console/metrics/question'
import type { PresageError } from '../../lib/errors'
import { send } from './messages'

/** The console's metrics of all processes that serve together: at the end of each step, they tell what they counted. */
export class SharedHistory {
  private readonly increases = new ToldIncreases()
  private readonly history: MetricHistory
  private readonly members = new Set<Worker>()
  /** Those that have yet to answer; they are not asked again until then. */
  private readonly asked = new Set<Worker>()
  /** What to do when all have answered. */
  private heardAll = () => {}

  constructor(stepMs?: number) {
    const refresh = (done: () => void) => this.ask(done)
    this.history = new MetricHistory({ increases: this.increases, refresh, stepMs })
  }

  join(worker: Worker): void {
    this.members.add(worker)
    worker.once('exit', () => {
      this.members.delete(worker)
      this.heard(worker)
    })
  }

  /** An answer that comes late counts in the step in which it comes. */
  add(worker: Worker, increases: readonly Increase[]): void {
    this.increases.add(increases)
    this.heard(worker)
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

  private ask(done: () => void): void {
    this.increases.clearGauges()
    for (const worker of this.members) {
      if (this.asked.has(worker)) continue
      this.asked.add(worker)
      send(worker, { presage: 'count' })
    }
    const timer = setTimeout(() => this.heardAll(), mostMs)
    this.heardAll = () => {
      clearTimeout(timer)
      this.heardAll = () => {}
      done()
    }
    if (this.asked.size === 0) this.heardAll()
  }

  private heard(worker: Worker): void {
    this.asked.delete(worker)
    if (this.asked.size === 0) this.heardAll()
  }
}

/** One that is busy, or was stopped, does not keep the others from being shown. */
const mostMs = 1_000
