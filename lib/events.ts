/** Subscribes a listener. The returned function unsubscribes it. */
export type Event<T> = (listener: (value: T) => void) => () => void

/** A typed event for rare transitions (a worker lost). `fire` calls listeners in the order of subscription. */
export class Emitter<T> {
  private listeners: ((value: T) => void)[] = []
  /** Whether anybody listens; otherwise the value need not be made. */
  isHeard = false

  readonly event: Event<T> = (listener) => {
    this.listeners.push(listener)
    this.isHeard = true
    return () => {
      this.listeners = this.listeners.filter((other) => other !== listener)
      this.isHeard = this.listeners.length > 0
    }
  }

  fire(value: T): void {
    for (const listener of this.listeners) listener(value)
  }
}
