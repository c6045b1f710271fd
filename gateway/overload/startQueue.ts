import { type FairPlace, FairQueue } from '../../lib/scheduling/fairQueue'

/** A request that waits for its turn. */
export interface Waiting {
  /** The client that sent it. */
  readonly client: string
  /** Must not throw. */
  proceed(): void
}

export interface StartQueueOptions {
  /** How many requests may start in the next turn, given how many started in the last one. */
  readonly startsPerTurn: (started: number) => number
  /** Calls a function once, at the end of this turn of the event loop. */
  readonly atEndOfTurn: (callback: () => void) => void
  readonly weightOf?: ((client: string) => number) | undefined
  /** Whether a request of the client may start now. If that changes, call `resume`. By default it always may. */
  readonly mayStart?: ((client: string) => boolean) | undefined
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
  /** Whether no client of those that wait may start a request. */
  private areAllHeld = false

  constructor(private readonly options: StartQueueOptions) {
    this.waiting = new FairQueue(options)
    this.most = options.startsPerTurn(0)
  }

  /** Whether requests wait for their start. */
  get isHolding(): boolean {
    return this.waiting.size > 0
  }

  /** Calls `proceed` at once, or in a later turn. Returns the request's place if it waits. */
  add(one: Waiting): FairPlace<Waiting> | undefined {
    const { mayStart } = this.options
    const isNext = this.started < this.most && (this.waiting.size === 0 || this.areAllHeld)
    if (isNext && (mayStart === undefined || mayStart(one.client))) {
      this.watchTurn()
      this.start(one)
      return undefined
    }
    const place = this.waiting.add(one.client, one)
    this.resume()
    return place
  }

  /** Removes a request that does not wait any longer for its turn. */
  remove(place: FairPlace<Waiting>): void {
    this.waiting.remove(place)
  }

  /** Looks again, at the end of this turn, at which requests may start. */
  resume(): void {
    if (this.waiting.size === 0) return
    this.areAllHeld = false
    this.watchTurn()
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
    this.options.atEndOfTurn(this.endTurn)
  }

  private readonly endTurn = (): void => {
    this.isScheduled = false
    this.most = this.options.startsPerTurn(this.started)
    this.started = 0
    while (this.started < this.most && this.waiting.size > 0) {
      const next = this.waiting.take(this.options.mayStart)
      if (next === undefined) {
        this.areAllHeld = true
        return
      }
      this.watchTurn()
      this.start(next)
    }
    if (this.waiting.size > 0) this.watchTurn()
  }
}

/**
 * Keeps turns of the event loop short while several clients share it: a new request waits only a few turns, however
 * much the others ask. How long a request takes is learned from previous turns.
 */
export class SharedTurns {
  private began = Number.NEGATIVE_INFINITY
  /** Average milliseconds of a turn per request started in it. */
  private ms: number | undefined

  /** How many requests may start in the turn that begins now. `begun` requests started in the previous turn. */
  most(now: number, begun: number): number {
    const elapsed = now - this.began
    this.began = now
    // Turns with no request say nothing, and much longer ones had a stall in them.
    if (begun > 0 && elapsed < stallMs) {
      const ms = elapsed / begun
      this.ms = this.ms === undefined ? ms : this.ms + (ms - this.ms) * learned
    }
    return this.ms === undefined ? Number.POSITIVE_INFINITY : Math.max(1, turnMs / this.ms)
  }
}

/** How long a turn should last, in milliseconds. */
const turnMs = 1
const stallMs = 20
/** The weight of the last turn in the average. */
const learned = 0.1
