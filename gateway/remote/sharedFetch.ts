import type { Deadlines, Expirable } from '../../lib/clock'
import type { ListNode } from '../../lib/linkedList'
import type { Caller } from '../../lib/request/caller'
import type { Done } from './connectionPool'
import type { HttpAnswer } from './graphqlAnswer'

/** Somebody who waits for a fetch: until `cutoff`, in the clock's milliseconds, or until the caller goes. */
export interface Waiting {
  readonly caller: Caller
  readonly cutoff: number
  /** The errors for waiting too long, and for a caller that has gone. */
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
export class SharedFetch {
  /** The latest cutoff of all callers. */
  cutoff = Number.NEGATIVE_INFINITY
  private readonly abort: () => void
  private readonly waits: Wait[] = []
  private isOver = false

  /**
   * `start` begins the fetch, calls back later, and returns a function that aborts. `onOver` is called once, when
   * nobody may join any more.
   */
  constructor(
    start: (fetch: SharedFetch, done: Done) => () => void,
    private readonly deadlines: Deadlines<Expirable>,
    private readonly onOver: () => void = () => {},
  ) {
    this.abort = start(this, (error, answer) => this.settle(error, answer))
  }

  wait(waiting: Waiting): Promise<HttpAnswer> {
    this.cutoff = Math.max(this.cutoff, waiting.cutoff)
    return new Promise((resolve, reject) => {
      this.waits.push(new Wait(this, waiting, this.deadlines, resolve, reject))
    })
  }

  /** Called when one of the callers has left. */
  left(wait: Wait): void {
    this.waits.splice(this.waits.indexOf(wait), 1)
    if (this.waits.length > 0) return
    this.end()
    this.abort()
  }

  private settle(error: Error | undefined, answer: HttpAnswer | undefined): void {
    this.end()
    for (const wait of this.waits.splice(0)) wait.settle(error, answer)
  }

  private end(): void {
    if (this.isOver) return
    this.isOver = true
    this.onOver()
  }
}

class Wait implements Expirable {
  readonly dueAt: number
  private readonly place: ListNode<Expirable>

  constructor(
    private readonly fetch: SharedFetch,
    private readonly waiting: Waiting,
    private readonly deadlines: Deadlines<Expirable>,
    private readonly resolve: (answer: HttpAnswer) => void,
    private readonly reject: (error: Error) => void,
  ) {
    this.dueAt = waiting.cutoff
    this.place = deadlines.add(this)
    waiting.caller.onLeave(this.onLeave)
  }

  settle(error: Error | undefined, answer: HttpAnswer | undefined): void {
    this.stop()
    if (answer === undefined) this.reject(error!)
    else this.resolve(answer)
  }

  expire(): void {
    this.leave(this.waiting.late())
  }

  private readonly onLeave = (): void => {
    this.leave(this.waiting.gone())
  }

  private leave(error: Error): void {
    this.stop()
    this.fetch.left(this)
    this.reject(error)
  }

  private stop(): void {
    this.deadlines.remove(this.place)
    this.waiting.caller.offLeave(this.onLeave)
  }
}
