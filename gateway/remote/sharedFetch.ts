import type { Clock } from '../../lib/clock'

/** A caller that waits for a fetch: until `cutoff`, in the clock's milliseconds, or until its signal aborts. */
export interface Waiting {
  readonly signal: AbortSignal
  readonly cutoff: number
  /** The errors for waiting too long, and for an aborted caller. */
  late(): Error
  gone(): Error
}

/**
 * A fetch and all callers that wait for its answer. Each may leave on its own; the fetch is aborted when the last one
 * has left.
 *
 *     start ──> waiting (1..n) ──> answered or failed: all are told
 *                    └─ last one left ──> aborted
 */
export class SharedFetch<T> {
  /** The latest cutoff of all callers. */
  cutoff = Number.NEGATIVE_INFINITY
  private readonly abort = new AbortController()
  private readonly answer: Promise<T>
  private waiting = 0
  private isOver = false

  /** `onOver` is called once, when nobody may join any more. */
  constructor(
    start: (signal: AbortSignal) => Promise<T>,
    private readonly clock: Clock,
    private readonly onOver: () => void = () => {},
  ) {
    this.answer = start(this.abort.signal)
    const end = () => this.end()
    this.answer.then(end, end)
  }

  wait(caller: Waiting): Promise<T> {
    const { signal, cutoff } = caller
    this.waiting++
    this.cutoff = Math.max(this.cutoff, cutoff)
    return new Promise((resolve, reject) => {
      const leave = (): boolean => {
        if (!isWaiting) return false
        isWaiting = false
        cancelTimer()
        signal.removeEventListener('abort', onAbort)
        this.leave()
        return true
      }
      const onAbort = () => {
        if (leave()) reject(caller.gone())
      }
      let isWaiting = true
      const cancelTimer = this.clock.after(Math.max(0, cutoff - this.clock.now()), () => {
        if (leave()) reject(caller.late())
      })
      signal.addEventListener('abort', onAbort)
      this.answer.then(
        (value) => {
          if (leave()) resolve(value)
        },
        (error) => {
          if (leave()) reject(error)
        },
      )
    })
  }

  private leave(): void {
    this.waiting--
    if (this.waiting > 0 || this.isOver) return
    this.end()
    this.abort.abort()
  }

  private end(): void {
    if (this.isOver) return
    this.isOver = true
    this.onOver()
  }
}
