import type { Clock } from './clock'
import { type Place, Roster } from './roster'

/** Something that is over at its time, unless it was over before. */
export interface Due {
  /** In the clock's milliseconds. */
  readonly dueAt: number
  /** Called when the time has come; perhaps again as long as it is not taken back. */
  expire(): void
}

/**
 * One timer for many times, of which nearly all are taken back before they come, as requests' are: it is set for the earliest, and moves on
 * to the next when it finds nothing. To set a timer for each and take it back costs more than that.
 */
export class Alarms<T extends Due> {
  private readonly waiting = new Roster<T>()
  private nextLook = Number.POSITIVE_INFINITY
  private cancelLook = () => {}

  constructor(private readonly clock: Clock) {}

  add(item: T): Place<T> {
    this.watch(item.dueAt)
    return this.waiting.add(item)
  }

  remove(place: Place<T>): void {
    this.waiting.remove(place)
  }

  private watch(at: number): void {
    if (at >= this.nextLook) return
    this.cancelLook()
    this.nextLook = at
    this.cancelLook = this.clock.after(Math.max(0, at - this.clock.now()), this.look)
  }

  private readonly look = (): void => {
    const now = this.clock.now()
    this.nextLook = Number.POSITIVE_INFINITY
    let next = Number.POSITIVE_INFINITY
    for (const item of this.waiting.toArray()) {
      if (item.dueAt > now) next = Math.min(next, item.dueAt)
      else item.expire()
    }
    this.watch(next)
  }
}
