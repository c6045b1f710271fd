import type { Clock } from '../../lib/clock'

/** A clock that stands still until a test moves it. */
export class FakeClock implements Clock {
  private time = 1_000
  private timers: { at: number; callback: () => void }[] = []

  now(): number {
    return this.time
  }

  after(ms: number, callback: () => void): () => void {
    const timer = { at: this.time + ms, callback }
    this.timers.push(timer)
    return () => {
      this.timers = this.timers.filter((other) => other !== timer)
    }
  }

  /** How many timers run. */
  get pending(): number {
    return this.timers.length
  }

  /** Time that passes while the event loop has no time for timers: they stay due. */
  stall(ms: number): void {
    this.time += ms
  }

  /** Moves time on and calls what falls due, in order. */
  advance(ms: number): void {
    const end = this.time + ms
    for (;;) {
      const [next] = this.timers.filter((timer) => timer.at <= end).sort((a, b) => a.at - b.at)
      if (!next) break
      this.time = Math.max(this.time, next.at)
      this.timers = this.timers.filter((timer) => timer !== next)
      next.callback()
    }
    this.time = end
  }
}

/** Lets the event loop go round until what is due by now has happened: promises, and decisions at the end of a turn. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve))
}
