import type { Worker } from 'node:cluster'
import { send } from './messages'

type Lines = readonly string[]

/** Has all processes that serve together check their repositories, whichever of them is asked to. */
export class SharedReloads {
  /** By process, what takes its answer to each reload that it is doing. */
  private readonly members = new Map<Worker, Map<number, (lines: Lines) => void>>()
  private last = 0

  join(worker: Worker): void {
    if (this.members.has(worker)) return
    const pending = new Map<number, (lines: Lines) => void>()
    this.members.set(worker, pending)
    worker.once('disconnect', () => {
      this.members.delete(worker)
      for (const answer of pending.values()) answer([])
    })
  }

  /** Answers the process that was asked when all have done it, or have ended. */
  async begin(asker: Worker, id: number): Promise<void> {
    // It may serve this before it has loaded everything.
    this.join(asker)
    const number = ++this.last
    const answers = Array.from(this.members, ([worker, pending]) => {
      send(worker, { presage: 'reload', id: number })
      return new Promise<Lines>((resolve) => pending.set(number, resolve))
    })
    const lines = new Set((await Promise.all(answers)).flat())
    send(asker, { presage: 'reloaded', id, lines: [...lines] })
  }

  heard(worker: Worker, number: number, lines: Lines): void {
    const pending = this.members.get(worker)
    pending?.get(number)?.(lines)
    pending?.delete(number)
  }
}
