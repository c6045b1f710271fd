import { FairQueue } from '../../lib/scheduling/fairQueue'

/** What waits for its turn. */
export interface Waiting {
  /** Who asks. */
  readonly client: string
  /** Throws nothing. */
  proceed(): void
}

/**
 * Lets only so many begin in one turn of the event loop; the others wait, and begin client by client in turn, those of one client in the order
 * in which they came. What was begun lives until it is answered, and the collector copies it again and again if that is long; what waits is little. And between turns the loop reads who has come, so that
 * who is to be refused is so at once.
 */
export class Turnstile {
  private readonly waiting: FairQueue<Waiting>
  /** In this turn. */
  private begun = 0
  private most: number
  private isScheduled = false

  constructor(
    /** How many may begin in the turn that comes now; it is told how many have begun in the one that is over. */
    private readonly mostOfTurn: (begun: number) => number,
    /** Has a function called once at the end of this turn of the event loop. */
    private readonly atEndOfTurn: (callback: () => void) => void,
    weightOf?: (client: string) => number,
  ) {
    this.waiting = new FairQueue({ weightOf })
    this.most = mostOfTurn(0)
  }

  /** `proceed` is called at once, or in a later turn. */
  pass(one: Waiting): void {
    this.watchTurn()
    if (this.begun >= this.most || this.waiting.size > 0) this.waiting.add(one.client, one)
    else this.begin(one)
  }

  /** What a request has cost beyond that of a small one, in small ones: those of its client that still wait begin the later for it. */
  charge(client: string, cost: number): void {
    this.waiting.charge(client, cost)
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
    this.most = this.mostOfTurn(this.begun)
    this.begun = 0
    if (this.waiting.size === 0) return
    this.watchTurn()
    while (this.begun < this.most && this.waiting.size > 0) this.begin(this.waiting.take()!)
  }
}
