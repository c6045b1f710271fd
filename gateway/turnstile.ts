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
  /** From `next` on. */
  private waiting: (Waiting | undefined)[] = []
  private next = 0
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
    if (this.begun >= this.most || this.next < this.waiting.length) this.waiting.push(one)
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
    const { waiting } = this
    if (waiting.length === 0) return
    this.watchTurn()
    while (this.begun < this.most && this.next < waiting.length) {
      const one = waiting[this.next]!
      // Else what has begun would live for as long as others wait behind it.
      waiting[this.next++] = undefined
      this.begin(one)
    }
    if (this.next < waiting.length && this.next < mostPlaces) return
    this.waiting = waiting.slice(this.next)
    this.next = 0
  }
}

/** So many places of those that have begun are left before the line while it does not end: to close up after each would move all others. */
const mostPlaces = 1024
