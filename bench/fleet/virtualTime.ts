import type { Clock } from '../../lib/clock'
import { seededRandom } from '../seededRandom'

/**
 * A clock whose time passes only from one event to the next, so that a simulation takes as long as its work and is the
 * same in every run. While it runs, it takes the place of what production code gets from the process: `setImmediate`, and
 * with it turns of the event loop, and `Math.random`.
 */
export class VirtualTime implements Clock {
  private time = 0
  private sequence = 0
  private readonly events: Event[] = []
  /** Callbacks of this turn of the event loop, which go before the next event. */
  private turn: (() => void)[] = []
  /** From 0 to 1; the same numbers for the same seed. */
  readonly random: () => number

  constructor(seed: number) {
    this.random = seededRandom(seed)
  }

  now(): number {
    return this.time
  }

  after(ms: number, callback: () => void): () => void {
    const event: Event = { at: this.time + Math.max(0, ms), order: this.sequence++, callback }
    push(this.events, event)
    return () => {
      event.callback = undefined
    }
  }

  /** Resolves after so many milliseconds. */
  pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.after(ms, resolve)
    })
  }

  /** Runs until this time, or until the promise is settled. Rejects with what a callback throws, or the promise is rejected with. */
  async run(until: number | Promise<unknown>): Promise<void> {
    const { setImmediate: ofProcess } = globalThis
    const { random } = Math
    globalThis.setImmediate = ((callback: () => void) => this.turn.push(callback)) as never
    Math.random = this.random
    try {
      await this.drive(until)
    } finally {
      globalThis.setImmediate = ofProcess
      Math.random = random
    }
  }

  private drive(until: number | Promise<unknown>): Promise<void> {
    return new Promise((resolve, reject) => {
      let isOver = false
      const end = typeof until === 'number' ? until : Number.POSITIVE_INFINITY
      if (typeof until !== 'number')
        until.then(
          () => {
            isOver = true
          },
          (error) => {
            isOver = true
            reject(error)
          },
        )
      const step = () => {
        if (isOver) return resolve()
        try {
          if (!this.next(end)) return resolve()
        } catch (error) {
          return reject(error as Error)
        }
        afterMicrotasks(step)
      }
      afterMicrotasks(step)
    })
  }

  /** One callback. Returns false if there is none before `end`. */
  private next(end: number): boolean {
    const callback = this.turn.shift()
    if (callback !== undefined) {
      callback()
      return true
    }
    for (;;) {
      const event = this.events[0]
      if (event === undefined || event.at > end) {
        if (end !== Number.POSITIVE_INFINITY) this.time = end
        return false
      }
      pop(this.events)
      if (event.callback === undefined) continue
      this.time = event.at
      event.callback()
      return true
    }
  }
}

interface Event {
  readonly at: number
  readonly order: number
  /** Undefined once cancelled. */
  callback: (() => void) | undefined
}

/** When all promises have gone as far as they can: ticks run only after all microtasks. */
function afterMicrotasks(callback: () => void): void {
  queueMicrotask(() => process.nextTick(callback))
}

function isBefore(a: Event, b: Event): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order)
}

/** A binary heap. */
function push(heap: Event[], event: Event): void {
  let at = heap.length
  heap.push(event)
  while (at > 0) {
    const parent = (at - 1) >> 1
    if (!isBefore(event, heap[parent])) break
    heap[at] = heap[parent]
    at = parent
  }
  heap[at] = event
}

function pop(heap: Event[]): void {
  const last = heap.pop()!
  if (heap.length === 0) return
  let at = 0
  for (;;) {
    let child = 2 * at + 1
    if (child >= heap.length) break
    if (child + 1 < heap.length && isBefore(heap[child + 1], heap[child])) child++
    if (!isBefore(heap[child], last)) break
    heap[at] = heap[child]
    at = child
  }
  heap[at] = last
}
