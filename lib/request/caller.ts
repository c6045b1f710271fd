/** Somebody who waits for an answer, and may go before it is there. */
export interface Caller {
  readonly isAborted: boolean
  /** Aborts when the caller goes. Checking `isAborted` is cheaper than the signal. */
  readonly signal: AbortSignal
  /** The client's key, for serving clients in turn; absent if unknown. */
  readonly client?: string
  /** Whether no other request is in flight, so that no other rows will follow soon; absent if unknown. */
  readonly isOnlyRequest?: boolean
}

/**
 * A caller that goes when `leave` is called. The signal is created on demand, because creating one is expensive
 * compared with a small request.
 */
export class LeavingCaller implements Caller {
  isAborted = false
  private controller: AbortController | undefined

  get signal(): AbortSignal {
    if (this.controller === undefined) {
      this.controller = new AbortController()
      if (this.isAborted) this.controller.abort()
    }
    return this.controller.signal
  }

  leave(): void {
    this.isAborted = true
    this.controller?.abort()
  }
}

/** A caller for an existing signal. */
export function callerOf(signal: AbortSignal): Caller {
  return {
    get isAborted() {
      return signal.aborted
    },
    signal,
  }
}
