import type { Clock } from '../clock'
import { EarliestTimer } from './earliestTimer'
import { LinkedList, type ListNode } from './linkedList'

/** Something that expires at a certain time unless it is removed before. */
export interface Expirable {
  /** In the clock's milliseconds. */
  readonly dueAt: number
  /** Called when the time has come, and perhaps again until it is removed. */
  expire(): void
}

/** Many deadlines, nearly all of which are removed before they expire, such as those of requests. */
export class Deadlines<T extends Expirable> {
  private readonly waiting = new LinkedList<T>()
  private readonly timer: EarliestTimer

  constructor(private readonly clock: Clock) {
    this.timer = new EarliestTimer(clock, () => this.look())
  }

  add(item: T): ListNode<T> {
    this.timer.watch(item.dueAt)
    return this.waiting.add(item)
  }

  remove(place: ListNode<T>): void {
    this.waiting.remove(place)
  }

  private look(): void {
    const now = this.clock.now()
    let next = Number.POSITIVE_INFINITY
    for (const item of this.waiting.toArray()) {
      if (item.dueAt > now) next = Math.min(next, item.dueAt)
      else item.expire()
    }
    this.timer.watch(next)
  }
}
