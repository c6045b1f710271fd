import { LinkedList, type ListNode } from './linkedList'

/** The time for code that makes decisions. Tests inject a clock that they move by hand. */
export interface Clock {
  /** Milliseconds, monotonic, from an arbitrary origin. */
  now(): number
  /** Calls back once, soon if `ms` is negative; the result cancels. Does not keep the process alive. */
  after(ms: number, callback: () => void): () => void
}

export const systemClock: Clock = {
  now: () => performance.now(),
  after(ms, callback) {
    const timer = setTimeout(callback, Math.max(0, Math.min(ms, longestTimerMs)))
    timer.unref()
    return () => clearTimeout(timer)
  },
}

/** Resolves after `ms` milliseconds, or as soon as the function is called that `begun` gets. */
export function pause(clock: Clock, ms: number, begun: (end: () => void) => void): Promise<void> {
  return new Promise((resolve) => {
    const cancel = clock.after(ms, resolve)
    begun(() => {
      cancel()
      resolve()
    })
  })
}

/** `setTimeout` fires at once for longer times; this is 24 days. */
const longestTimerMs = 2 ** 31 - 1

/**
 * One timer for many times, nearly all of which are cancelled before they come. It is set for the earliest; if nothing
 * is due then, `look` sets it for the next. A timer per time would cost more.
 */
export class EarliestTimer {
  private at = Number.POSITIVE_INFINITY
  private cancel = () => {}

  constructor(
    private readonly clock: Clock,
    /** Called when the earliest time has come. The timer is then no longer set. */
    private readonly look: () => void,
  ) {}

  /** Adds a time, in the clock's milliseconds; Infinity is ignored. */
  watch(at: number): void {
    if (at >= this.at) return
    this.cancel()
    this.at = at
    this.cancel = this.clock.after(Math.max(0, at - this.clock.now()), this.ring)
  }

  stop(): void {
    this.cancel()
  }

  private readonly ring = (): void => {
    this.at = Number.POSITIVE_INFINITY
    this.look()
  }
}

/** Something that expires at a certain time unless it is removed before. */
export interface Expirable {
  /** In the clock's milliseconds. */
  readonly dueAt: number
  /** Called when the time has come, and perhaps again until it is removed. */
  expire(): void
}

/** Many deadlines, nearly all of which are removed before they expire, such as those of requests. */
export class Deadlines<T extends Expirable> {
  private readonly waiting = new LinkedList<T>()
  private readonly timer: EarliestTimer

  constructor(private readonly clock: Clock) {
    this.timer = new EarliestTimer(clock, () => this.look())
  }

  add(item: T): ListNode<T> {
    this.timer.watch(item.dueAt)
    return this.waiting.add(item)
  }

  remove(place: ListNode<T>): void {
    this.waiting.remove(place)
  }

  private look(): void {
    const now = this.clock.now()
    let next = Number.POSITIVE_INFINITY
    for (const item of this.waiting.toArray()) {
      if (item.dueAt > now) next = Math.min(next, item.dueAt)
      else item.expire()
    }
    this.timer.watch(next)
  }
}
