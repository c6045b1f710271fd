import { FairQueue } from '../../lib/scheduling/fairQueue'

/** A request that waits for its turn. */
export interface Waiting {
  /** The client that sent it. */
  readonly client: string
  /** Must not throw. */
  proceed(): void
}

/**
 * Starts a limited number of requests in each turn of the event loop. The others wait; clients take turns, and each
 * client's requests start in order of arrival. Started requests hold memory until they are answered, which the garbage
 * collector copies again and again; waiting ones hold little. Between turns the loop reads new requests, so that those
 * to be refused are refused soon.
 */
export class StartQueue {
  private readonly waiting: FairQueue<Waiting>
  /** Requests started in this turn. */
  private started = 0
  private most: number
  private isScheduled = false

  constructor(
    /** How many requests may start in the next turn, given how many started in the last one. */
    private readonly startsPerTurn: (started: number) => number,
    /** Calls a function once, at the end of this turn of the event loop. */
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

  /** Charges a client for the extra cost of a request, in small requests: its waiting requests start later. */
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
