import { Roster } from '../lib/roster'

/** What waits for its turn. */
export interface Waiting {
  /** Throws nothing. */
  proceed(): void
}

/**
 * Lets only so many begin in one turn of the event loop; the others wait, in the order in which they came. What was begun lives until it is
 * answered, and the collector copies it again and again if that is long; what waits is little. And between turns the loop reads who has come, so that
 * who is to be refused is so at once.
 */
export class Turnstile {
  private readonly waiting = new Roster<Waiting>()
  /** In this turn. */
  private begun = 0
  private most: number
  private isScheduled = false

  constructor(
    /** How many may begin in the turn that comes now. */
    private readonly mostOfTurn: () => number,
    /** Has a function called once at the end of this turn of the event loop. */
    private readonly atEndOfTurn: (callback: () => void) => void,
  ) {
    this.most = mostOfTurn()
  }

  /** `proceed` is called at once, or in a later turn. */
  pass(one: Waiting): void {
    this.watchTurn()
    if (this.begun >= this.most || this.waiting.size > 0) this.waiting.add(one)
    else this.begin(one)
  }

  private begin(one: Waiting): void {
    this.begun++
    one.proceed()
  }

  private watchTurn(): void {
    if (this.isScheduled) return
    this.isScheduled = true
    this.atEndOfTurn(this.endTurn)
  }

  private readonly endTurn = (): void => {
    this.isScheduled = false
    this.begun = 0
    this.most = this.mostOfTurn()
    if (this.waiting.size === 0) return
    this.watchTurn()
    while (this.begun < this.most && this.waiting.size > 0) this.begin(this.waiting.takeFirst()!)
  }
}
