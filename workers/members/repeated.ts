import type { Clock } from '../../lib/clock'

export interface RepeatedOptions {
  readonly clock: Clock
  /** The time between two runs, in milliseconds. */
  readonly everyMs: number
  /** The time between two runs where the second is wanted sooner. */
  readonly leastMs: number
  /** Must not reject. */
  readonly run: () => Promise<void>
}

/** Runs something now, then regularly and when it is wanted; never twice at once. */
export class Repeated {
  private begun = 0
  private running: Promise<void> | undefined
  private isWanted = false
  private isStopped = false
  private cancel = () => {}

  constructor(private readonly options: RepeatedOptions) {
    this.start()
  }

  /** Has it run at once, or as soon as the last run is long enough ago. */
  soon(): void {
    if (this.isStopped) return
    // What runs now may have begun too early to see what has happened.
    if (this.running !== undefined) this.isWanted = true
    else this.plan(this.begun + this.options.leastMs - this.options.clock.now())
  }

  /** Resolves when nothing runs any more. */
  async stop(): Promise<void> {
    this.isStopped = true
    this.cancel()
    await this.running
  }

  private plan(ms: number): void {
    this.cancel()
    this.cancel = this.options.clock.after(Math.max(0, ms), () => this.start())
  }

  private start(): void {
    const { clock, everyMs, leastMs, run } = this.options
    this.begun = clock.now()
    this.isWanted = false
    this.running = run().then(() => {
      this.running = undefined
      if (!this.isStopped) this.plan(this.isWanted ? leastMs : everyMs)
    })
  }
}
