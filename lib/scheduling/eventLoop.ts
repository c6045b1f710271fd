import { performance } from 'node:perf_hooks'

/**
 * How long the process was idle: nothing ran on the event loop, and nothing waited for one of its own workers. An event
 * loop that waits for overloaded workers counts as busy.
 */
export class IdleTime {
  private waiting = 0
  private lost = 0
  private since = 0

  constructor(
    /** How long nothing ran on the event loop so far, in milliseconds. */
    readonly idle: () => number,
  ) {}

  /** Call with true when something begins to wait, and with false when that wait is over. */
  waits(isWaiting: boolean): void {
    if (isWaiting) {
      if (this.waiting++ === 0) this.since = this.idle()
    } else if (--this.waiting === 0) this.lost += this.idle() - this.since
  }

  /** The idle time so far, in milliseconds. */
  readonly ms = (): number => {
    const idle = this.idle()
    return (this.waiting > 0 ? this.since : idle) - this.lost
  }
}

/** That of this process or thread. */
export const idleTime = new IdleTime(() => performance.eventLoopUtilization().idle)

/** Whether the event loop is busy: it has little idle time. */
export class LoopLoad {
  private began = Number.NEGATIVE_INFINITY
  private idleBefore = 0
  /** Of the last interval. */
  private idleShare = 1

  /** `idleMs` returns how long the process has been idle so far, in milliseconds. */
  constructor(private readonly idleMs: () => number) {}

  /** Call often. Begins a new interval when one is over. */
  sample(now: number): void {
    if (now - this.began < intervalMs) return
    const idle = this.idleMs()
    this.idleShare = (idle - this.idleBefore) / (now - this.began)
    this.began = now
    this.idleBefore = idle
  }

  /** Whether less than this share of the last interval, or of the current one, was idle. */
  isBusy(now: number, share = noIdleShare): boolean {
    if (this.idleShare < share) return true
    const elapsed = now - this.began
    return elapsed >= shortestMs && this.idleMs() - this.idleBefore < elapsed * share
  }
}

const intervalMs = 25
/** Shorter intervals are too noisy. */
const shortestMs = 5
/** Less idle time than this share counts as none. */
const noIdleShare = 0.1

/**
 * The end of a turn of the event loop: its check phase, when the poll phase has read all that had arrived. Requests
 * that start there have their rows dispatched in the same phase; another turn would bring them nothing but a wait.
 */
export class TurnEnd {
  private isStarting = false
  private following: (() => void)[] = []

  constructor(private readonly atCheck: (callback: () => void) => void) {}

  /** Calls `start` at the end of this turn, and then what it and the promises that it settles ask to be called. */
  readonly start = (start: () => void): void => {
    this.atCheck(() => {
      this.isStarting = true
      start()
      // After the microtasks: what is started may wait for promises that are settled already.
      queueMicrotask(() => process.nextTick(this.follow))
    })
  }

  /** Calls back at the end of this turn. */
  readonly call = (callback: () => void): void => {
    if (this.isStarting) this.following.push(callback)
    else this.atCheck(callback)
  }

  private readonly follow = (): void => {
    this.isStarting = false
    const { following } = this
    if (following.length === 0) return
    this.following = []
    for (const callback of following) callback()
  }
}

/** That of this thread. Simulations put a function of their own in the place of `setImmediate`. */
export const turnEnd = new TurnEnd((callback) => setImmediate(callback))
