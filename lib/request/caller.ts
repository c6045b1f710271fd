import type { TraceContext } from './traceContext'

/** Somebody who waits for an answer, and may go before it is there. */
export interface Caller {
  readonly isAborted: boolean
  /** Aborts when the caller goes. The other members are cheaper. */
  readonly signal: AbortSignal
  /** Calls back once, when the caller goes. */
  onLeave(listener: () => void): void
  /** Takes a listener back. */
  offLeave(listener: () => void): void
  /** The client's key, for serving clients in turn; absent if unknown. */
  readonly client?: string
  /** Whether no rows of other requests will follow soon; absent if unknown. */
  readonly isOnlyRequest?: boolean
  /** The trace that the caller's work belongs to; absent if unknown. */
  readonly trace?: TraceContext | undefined
}

/** Goes when `leave` is called. The signal is made on demand: one is expensive beside a small request. */
export class AbortableCaller implements Caller {
  isAborted = false
  private controller: AbortController | undefined
  private listeners: (() => void)[] | undefined

  get signal(): AbortSignal {
    if (this.controller === undefined) {
      this.controller = new AbortController()
      if (this.isAborted) this.controller.abort()
    }
    return this.controller.signal
  }

  onLeave(listener: () => void): void {
    if (this.listeners === undefined) this.listeners = [listener]
    else this.listeners.push(listener)
  }

  offLeave(listener: () => void): void {
    const { listeners = [] } = this
    const place = listeners.indexOf(listener)
    if (place >= 0) listeners.splice(place, 1)
  }

  leave(): void {
    this.isAborted = true
    this.controller?.abort()
    const { listeners = [] } = this
    this.listeners = undefined
    for (const listener of listeners) listener()
  }
}
