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
  /** Whether another worker may hold the version, and none is kept from its rows by what does not last. */
  readonly hasRoom: (key: string) => boolean
  /** Whether a worker that holds the version is idle. */
  readonly hasIdle: (key: string) => boolean
  /** Has another worker hold the version; rejects if none can. */
  readonly grow: (key: string) => Promise<void>
  readonly log: (line: string) => void
}

/**
 * Has a pool grow where rows have waited for `growAfterMs` and still find no idle worker; those that wait less, as some of every burst do, are
 * not worth the memory of another. One worker and one version at a time.
 */
export class Growth {
  private isLooking = false
  private closed = false
  private cancel = () => {}
  private growing: Promise<void> = Promise.resolve()

  constructor(private readonly options: GrowthOptions) {}

  /** To be called whenever rows find no idle worker. */
  notice(queue: Waiting): void {
    const { clock, hasRoom } = this.options
    if (this.isLooking || this.closed || !hasRoom(queue.key)) return
    this.isLooking = true
    this.cancel = clock.after(growAfterMs, () => {
      this.growing = this.look(queue)
    })
  }

  /** Resolves when nothing is on its way any more; nothing comes after that. */
  async dispose(): Promise<void> {
    this.closed = true
    this.cancel()
    await this.growing
  }

  private async look(queue: Waiting): Promise<void> {
    const { clock, hasRoom, hasIdle, grow, log } = this.options
    const { key } = queue
    try {
      const isLong = queue.hasWork && clock.now() - queue.nextSince() >= growAfterMs
      if (isLong && hasRoom(key) && !hasIdle(key)) await grow(key)
      this.isLooking = false
    } catch (error) {
      if (this.closed) return
      log(`no other worker for ${key}: ${(error as Error).message}`)
      this.cancel = clock.after(restAfterFailureMs, () => {
        this.isLooking = false
      })
    }
  }
}

/** A tenth of the time that requests have unless said, and many times what a run should take. To start a thread takes as long again. */
export const growAfterMs = 100
const restAfterFailureMs = 10_000
