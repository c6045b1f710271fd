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
