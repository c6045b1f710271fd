import type { VirtualTime } from './virtualTime'

/** Processor cores. Where more runs than there are cores, all of it gets equal parts of their time. */
export class Cores {
  private readonly jobs = new Set<Job>()
  /** What a job that was always there would have got by `at`, in milliseconds of a core. */
  private given = 0
  private at = 0
  private stopTimer = () => {}

  constructor(
    private readonly time: VirtualTime,
    private readonly count: number,
  ) {}

  /** Calls back once a core has worked on it for so long. */
  run(ms: number, callback: () => void): void {
    this.pass()
    this.jobs.add({ until: this.given + ms, callback })
    this.watch()
  }

  private get speed(): number {
    return Math.min(1, this.count / this.jobs.size)
  }

  private pass(): void {
    const now = this.time.now()
    if (this.jobs.size > 0) this.given += (now - this.at) * this.speed
    this.at = now
  }

  /** Waits for the job that ends first. */
  private watch(): void {
    this.stopTimer()
    let first: Job | undefined
    for (const job of this.jobs) if (first === undefined || job.until < first.until) first = job
    if (first === undefined) return
    const job = first
    this.stopTimer = this.time.after((job.until - this.given) / this.speed, () => {
      this.pass()
      this.jobs.delete(job)
      this.watch()
      job.callback()
    })
  }
}

interface Job {
  /** When `given` is this, it has had all that it needs. */
  readonly until: number
  readonly callback: () => void
}
