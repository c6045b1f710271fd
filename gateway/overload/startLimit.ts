import type { ClientRequest } from '../../lib/request/clientRequest'
import { LoopLoad } from './loopLoad'
import { RecentClients } from './recentClients'
import { RequestCounts } from './requestCounts'

export interface StartLimitOptions {
  /** How many shares a client gets; default 1. */
  readonly weightOf?: ((client: string) => number) | undefined
  /** How long nothing ran on the event loop so far, in milliseconds. */
  readonly loopIdleMs: () => number
  /** Whether the process is busy: its event loop, or its own workers. */
  readonly isBusy: (now: number) => boolean
}

/**
 * Limits how many requests of a client run at a time while the process is busy and the client has used more than its
 * share lately. Requests that run delay those of others: their rows come back together, and the garbage collector
 * copies what they hold. Requests that wait for their start delay nobody.
 */
export class StartLimit {
  private readonly recent: RecentClients
  private readonly running = new RequestCounts()
  private readonly loop: LoopLoad
  private readonly isBusy: (now: number) => boolean

  constructor({ weightOf, loopIdleMs, isBusy }: StartLimitOptions) {
    this.recent = new RecentClients(weightOf)
    this.loop = new LoopLoad(loopIdleMs)
    this.isBusy = isBusy
  }

  /** Whether one more request of the client may start. */
  mayStart(client: string, now: number): boolean {
    const running = this.running.countOf(client)
    if (running === 0) return true
    const mean = this.recent.meanOf(client)
    const isWithin = running < mostWhileLoopIsBusy && running * mean < mostCostWhileLoopIsBusy
    if (isWithin || !this.isBusy(now) || !this.recent.isOverShare(client, now)) return true
    if (this.loop.isBusy(now)) return false
    return running * (mean - 1) < mostCostWhileWorkersAreBusy
  }

  /** Whether the client is to have fewer requests read: the event loop is busy, and mostly with this client. */
  isLimited(client: string, now: number): boolean {
    return this.loop.isBusy(now) && this.recent.isOverShare(client, now)
  }

  /** A request of the client has started. */
  start(client: string, now: number): void {
    this.loop.sample(now)
    this.running.add(client)
  }

  /** A request that had started has its answer, or its client has gone. For the cost, see `costOf`. */
  end(client: string, cost: number, now: number): void {
    this.running.remove(client)
    this.recent.add(client, cost, now)
  }
}

/** What a request has cost, in small requests. */
export function costOf({ bodyBytes, predictionRows, values }: ClientRequest['usage']): number {
  return 1 + bodyBytes / 10_000 + predictionRows / 50 + values / 500
}

/** Enough to keep an event loop busy. */
const mostWhileLoopIsBusy = 8
/** Of requests of more than 100 rows, or with long bodies, fewer are enough. */
const mostCostWhileLoopIsBusy = 30
/** Beyond the first small request of each: 1,000 rows, enough to fill the batches of several workers. */
const mostCostWhileWorkersAreBusy = 20
