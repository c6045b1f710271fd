import type { Clock } from '../../lib/clock'
import { PresageError } from '../../lib/errors'
import { LruCache } from '../../lib/lruCache'
import { TokenBucket } from '../../lib/scheduling/tokenBucket'

export interface RequestRatesOptions {
  /** The most requests a second of a client, on average, and at once. */
  readonly perSecond: number
  /** How many times as many a client may have. */
  readonly weightOf: (client: string) => number
  readonly clock: Clock
}

/** Limits how many requests each client may send in a second, whatever they ask for. */
export class RequestRates {
  private readonly clients = new LruCache<TokenBucket>(maxClients, Number.POSITIVE_INFINITY)
  /** One for all: a stack of its own would be a good part of what a refusal costs. */
  private readonly refusal: PresageError

  constructor(private readonly options: RequestRatesOptions) {
    this.refusal = new PresageError(
      'TOO_MANY_REQUESTS',
      'request: the client has sent more requests a second than limits.requestsPerSecond allows',
      { limit: 'requestsPerSecond' },
    )
  }

  /** Counts a request. Throws TOO_MANY_REQUESTS if its client has sent as many as it may. */
  admit(client: string): void {
    const perSecond = this.options.perSecond * this.options.weightOf(client)
    if (this.bucketOf(client).take(1, perSecond, perSecond) === 0) throw this.refusal
  }

  private bucketOf(client: string): TokenBucket {
    let bucket = this.clients.get(client)
    if (bucket === undefined) {
      bucket = new TokenBucket(this.options.clock)
      this.clients.set(client, bucket, 0)
    }
    return bucket
  }
}

/** Beyond this number the least recently active are dropped. By then their buckets are usually full again. */
const maxClients = 10_000
