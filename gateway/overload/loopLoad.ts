/** Whether the process is busy: its event loop has hardly any idle time. */
export class LoopLoad {
  private began = Number.NEGATIVE_INFINITY
  private idleBefore = 0
  /** Whether the last interval had no idle time. */
  private wasBusy = false

  /** `idleMs` returns how long the process has been idle so far, in milliseconds. */
  constructor(private readonly idleMs: () => number) {}

  /** Call often. Begins a new interval when one is over. */
  sample(now: number): void {
    if (now - this.began < intervalMs) return
    this.wasBusy = this.hasNoIdleTime(now)
    this.began = now
    this.idleBefore = this.idleMs()
  }

  isBusy(now: number): boolean {
    return this.wasBusy || this.hasNoIdleTime(now)
  }

  private hasNoIdleTime(now: number): boolean {
    const elapsed = now - this.began
    return elapsed >= shortestMs && this.idleMs() - this.idleBefore < elapsed * idleShare
  }
}

const intervalMs = 25
/** Shorter intervals are too noisy. */
const shortestMs = 5
/** Less idle time than this share counts as none. */
const idleShare = 0.1
