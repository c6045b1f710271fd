/** Subscribes a listener; the returned function takes it back. */
export type Event<T> = (listener: (value: T) => void) => () => void

/** A typed event for rare transitions (a worker lost, a model ready). `fire` calls every listener, in the order subscribed. */
export class Emitter<T> {
  private listeners: ((value: T) => void)[] = []

  /** Whether anybody listens, so that what nobody would hear need not be made. */
  get isHeard(): boolean {
    return this.listeners.length > 0
  }

  readonly event: Event<T> = (listener) => {
    this.listeners.push(listener)
    return () => {
      this.listeners = this.listeners.filter((other) => other !== listener)
    }
  }

  fire(value: T): void {
    for (const listener of this.listeners) listener(value)
  }
}
