import type { Clock } from '../../lib/clock'

/** A queue whose rows found no idle worker. */
export interface Waiting {
  /** `name@version` */
  readonly key: string
  readonly hasWork: boolean
  /** Since when its oldest row has been waiting, in the clock's milliseconds. */
  nextSince(): number
}

export interface GrowthOptions {
  readonly clock: Clock
  /** Whether another worker may hold the version, and the shortage is not just temporary. */
  readonly hasRoom: (key: string) => boolean
  /** Whether a worker that holds the version is idle. */
  readonly hasIdle: (key: string) => boolean
  /** Makes another worker hold the version. Rejects if none can. */
  readonly grow: (key: string) => Promise<void>
  readonly log: (line: string) => void
}

/**
 * Grows a pool when rows have waited for `growAfterMs` and still find no idle worker. Shorter waits, which every burst
 * has, are not worth the memory of another worker. One worker and one version at a time.
 */
export class Growth {
  private isLooking = false
  /** Versions that no other worker could hold lately. They must not keep others from growing. */
  private readonly resting = new Set<string>()
  private closed = false
  private cancel = () => {}
  private growing: Promise<void> = Promise.resolve()

  constructor(private readonly options: GrowthOptions) {}

  /** Call whenever rows find no idle worker. */
  notice(queue: Waiting): void {
    const { clock, hasRoom } = this.options
    if (!this.mayGrow(queue.key) || !hasRoom(queue.key)) return
    this.isLooking = true
    this.cancel = clock.after(growAfterMs, () => {
      this.growing = this.look(queue)
    })
  }

  /** As if rows had waited long enough. */
  growNow(key: string): void {
    if (!this.mayGrow(key)) return
    this.isLooking = true
    this.growing = this.grow(key)
  }

  /** Resolves when nothing is pending any more. Nothing is started after that. */
  async dispose(): Promise<void> {
    this.closed = true
    this.cancel()
    await this.growing
  }

  private mayGrow(key: string): boolean {
    return !this.isLooking && !this.closed && !this.resting.has(key)
  }

  private async look(queue: Waiting): Promise<void> {
    const { clock, hasRoom, hasIdle } = this.options
    const { key } = queue
    const isLong = queue.hasWork && clock.now() - queue.nextSince() >= growAfterMs
    if (isLong && hasRoom(key) && !hasIdle(key)) return this.grow(key)
    this.isLooking = false
  }

  private async grow(key: string): Promise<void> {
    const { clock, grow, log } = this.options
    try {
      await grow(key)
    } catch (error) {
      if (this.closed) return
      log(`no other worker for ${key}: ${(error as Error).message}`)
      this.resting.add(key)
      clock.after(restAfterFailureMs, () => this.resting.delete(key))
    } finally {
      this.isLooking = false
    }
  }
}

/**
 * A tenth of the default request timeout, and far longer than a run should take. Starting a thread takes about as long.
 */
export const growAfterMs = 100
const restAfterFailureMs = 10_000
