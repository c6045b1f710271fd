import { setMaxListeners } from 'node:events'
import type { Caller } from '../../lib/request/caller'

/** A caller for an existing signal. */
export function callerOf(signal: AbortSignal): Caller {
  return {
    get isAborted() {
      return signal.aborted
    },
    signal,
    onLeave(listener) {
      // A request may have many calls in flight, so more than ten listeners are not a leak.
      setMaxListeners(Number.POSITIVE_INFINITY, signal)
      signal.addEventListener('abort', listener, { once: true })
    },
    offLeave: (listener) => signal.removeEventListener('abort', listener),
  }
}
