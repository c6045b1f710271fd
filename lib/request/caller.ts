/** Somebody who waits for an answer, and may go before it is there. */
export interface Caller {
  readonly isAborted: boolean
  /** Aborts when the caller goes; for those who want to be told. To find out, look at `isAborted`, which is cheaper. */
  readonly signal: AbortSignal
  /** Who it is, for those who serve several in turn; absent where nobody knows. */
  readonly client?: string
  /** Nobody else waits at the same door just now, so that no rows of others are about to come; absent where nobody knows. */
  readonly isOnlyRequest?: boolean
}

/**
 * A caller who goes when `leave` is called. The signal is made when first asked for, since making one costs as much as the
 * rest of a small request's way through the door.
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

/** A caller of whom there is a signal already. */
export function callerOf(signal: AbortSignal): Caller {
  return {
    get isAborted() {
      return signal.aborted
    },
    signal,
  }
}
