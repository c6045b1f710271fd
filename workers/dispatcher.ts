import type { Clock } from '../lib/clock'
import type { Batcher } from './batcher'
import type { Runner } from './execution'

/**
 * Brings the waiting rows of a shard and its idle workers together. The model whose row has waited longest goes first,
 * unless no idle worker holds it.
 *
 * It decides in the check phase of the event loop (`setImmediate`), after the poll phase has parsed the requests that had
 * arrived and read all answers of workers: so requests that came together share a batch. A queue that grew in this turn
 * is left for the next one, since the loop may have more of them to read (see `isGathering`).
 */
export class Dispatcher {
  private readonly batchers: Batcher[] = []
  private scheduled = false
  private nextLook = Number.POSITIVE_INFINITY
  private cancelLook = () => {}

  constructor(
    private readonly idle: (key: string) => Runner | undefined,
    private readonly clock: Clock,
  ) {}

  add(batcher: Batcher): void {
    this.batchers.push(batcher)
  }

  /** Looks at the end of this turn of the event loop. */
  readonly wake = (): void => {
    if (this.scheduled) return
    this.scheduled = true
    setImmediate(() => {
      this.scheduled = false
      this.dispatch()
    })
  }

  private dispatch(): void {
    const now = this.clock.now()
    for (const batcher of this.batchers) {
      if (batcher.gather(now)) this.wake()
    }
    let match = this.nextMatch(now)
    while (match) {
      match.batcher.startNext(match.runner)
      match = this.nextMatch(now)
    }
    this.lookAgain(now)
  }

  private nextMatch(now: number): { batcher: Batcher; runner: Runner } | undefined {
    let match: { batcher: Batcher; runner: Runner } | undefined
    let oldest = Number.POSITIVE_INFINITY
    for (const batcher of this.batchers) {
      if (batcher.isHeld || batcher.dueAt() > now || batcher.oldest() >= oldest) continue
      const runner = this.idle(batcher.key)
      if (!runner) continue
      oldest = batcher.oldest()
      match = { batcher, runner }
    }
    return match
  }

  /** Rows that an idle worker still waits for more of have a time when it no longer does. */
  private lookAgain(now: number): void {
    let next = Number.POSITIVE_INFINITY
    for (const batcher of this.batchers) {
      const due = batcher.dueAt()
      if (due > now && due < next) next = due
    }
    if (next === this.nextLook) return
    this.cancelLook()
    this.nextLook = next
    if (next === Number.POSITIVE_INFINITY) return
    this.cancelLook = this.clock.after(next - now, () => {
      this.nextLook = Number.POSITIVE_INFINITY
      this.wake()
    })
  }
}
