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
