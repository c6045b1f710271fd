import type { Worker } from 'node:cluster'
import { send, type ToMember } from './messages'

/** Asks all processes that serve together the same, and waits a second for those that do not answer at once. */
export class Round {
  private readonly members = new Set<Worker>()
  /** Those that have yet to answer; they are not asked again until then. */
  private readonly asked = new Set<Worker>()
  /** What to do when all have answered. */
  private heardAll = () => {}

  constructor(private readonly question: ToMember) {}

  /** `left` is called once all that the process has sent is taken: it may exit before that. */
  join(worker: Worker, left: () => void = () => {}): void {
    if (this.members.has(worker)) return
    this.members.add(worker)
    worker.once('disconnect', () => {
      this.members.delete(worker)
      left()
      this.heard(worker)
    })
  }

  ask(done: () => void): void {
    for (const worker of this.members) {
      if (this.asked.has(worker)) continue
      this.asked.add(worker)
      send(worker, this.question)
    }
    const timer = setTimeout(() => this.heardAll(), mostMs)
    this.heardAll = () => {
      clearTimeout(timer)
      this.heardAll = () => {}
      done()
    }
    if (this.asked.size === 0) this.heardAll()
  }

  /** Call it when a process has answered. */
  heard(worker: Worker): void {
    this.asked.delete(worker)
    if (this.asked.size === 0) this.heardAll()
  }
}

/** One that is busy, or was stopped, does not keep the others from being shown. */
const mostMs = 1_000
