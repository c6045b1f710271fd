import { FairQueue } from '../../lib/scheduling/fairQueue'

/** What waits for its turn. */
export interface Waiting {
  /** Who asks. */
  readonly client: string
  /** Throws nothing. */
  proceed(): void
}

/**
 * Starts only some requests in each turn of the event loop; the others wait, and start client by client in turn, those of one client in order of
 * arrival. A request that has started holds memory until it is answered, which the garbage collector copies again and again; one that waits holds
 * little. Between turns the loop reads new requests, so that those to be refused are refused soon.
 */
export class StartQueue {
  private readonly waiting: FairQueue<Waiting>
  /** In this turn. */
  private started = 0
  private most: number
  private isScheduled = false

  constructor(
    /** How many requests may start in the next turn; it is told how many started in the last one. */
    private readonly startsPerTurn: (started: number) => number,
    /** Has a function called once at the end of this turn of the event loop. */
    private readonly atEndOfTurn: (callback: () => void) => void,
    weightOf?: (client: string) => number,
  ) {
    this.waiting = new FairQueue({ weightOf })
    this.most = startsPerTurn(0)
  }

  /** Calls `proceed` at once, or in a later turn. */
  add(one: Waiting): void {
    this.watchTurn()
    if (this.started >= this.most || this.waiting.size > 0) this.waiting.add(one.client, one)
    else this.start(one)
  }

  /** Charges what a request has cost more than a small one, in small ones: its client's waiting requests start later. */
  charge(client: string, cost: number): void {
    this.waiting.charge(client, cost)
  }

  private start(one: Waiting): void {
    this.started++
    one.proceed()
  }

  private watchTurn(): void {
    if (this.isScheduled) return
    this.isScheduled = true
    this.atEndOfTurn(this.endTurn)
  }

  private readonly endTurn = (): void => {
    this.isScheduled = false
    this.most = this.startsPerTurn(this.started)
    this.started = 0
    if (this.waiting.size === 0) return
    this.watchTurn()
    while (this.started < this.most && this.waiting.size > 0) this.start(this.waiting.take()!)
  }
}
