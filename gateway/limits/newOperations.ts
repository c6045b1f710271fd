import { HeaderMap } from '@apollo/server'
import type { GraphQLError } from 'graphql'
import type { Clock } from '../../lib/clock'
import { PresageError } from '../../lib/errors'
import { LruCache } from '../../lib/lruCache'
import type { Counter, Metrics } from '../../lib/metrics'
import type { ClientRequest } from '../../lib/request/clientRequest'
import { clientOf } from '../../lib/request/fairShares'
import { TokenBucket } from '../../lib/scheduling/tokenBucket'
import { lightError } from '../graphql/lightError'
import { extensionsOf } from '../graphql/locatedError'

export interface NewOperationsOptions {
  /** The most new operations per client and second, on average. */
  readonly perSecond: number
  readonly clock: Clock
  readonly metrics: Metrics
}

/**
 * Limits how many new operations each client may have planned. Planning costs far more than running, so one client with
 * ever new operations could starve the others. Operations that are planned already are not counted.
 */
export class NewOperations {
  private readonly buckets = new LruCache<TokenBucket>(maxClients, Number.POSITIVE_INFINITY)
  private readonly refused: Counter

  constructor(private readonly options: NewOperationsOptions) {
    this.refused = options.metrics.counter(
      'presage_new_operations_refused_total',
      'Operations refused because their client sent too many new ones.',
    )
  }

  /** Throws TOO_MANY_NEW_OPERATIONS if the client has used up its share. */
  admit(request: ClientRequest): void {
    const { perSecond, clock } = this.options
    const client = clientOf(request)
    let bucket = this.buckets.get(client)
    if (bucket === undefined) {
      bucket = new TokenBucket(clock)
      this.buckets.set(client, bucket, 0)
    }
    if (bucket.take(1, perSecond, perSecond * burstSeconds) === 1) return
    this.refused.inc()
    throw new PresageError(
      'TOO_MANY_NEW_OPERATIONS',
      `operation: a client may have at most ${perSecond} new operations a second, got more`,
      { limit: 'newOperations', maximum: perSecond },
    )
  }
}

/** A client that meets a new version of the service sends all its operations at once. */
const burstSeconds = 5

/** Beyond this number the least recently active are dropped. By then their buckets are usually full again. */
const maxClients = 10_000

/** The error for Apollo Server, with a `retry-after` header. */
export function refusalWithRetryAfter(error: PresageError): GraphQLError {
  // The rate is at least one a second, so a second is always long enough.
  const extensions: Record<string, unknown> = {
    ...extensionsOf(error),
    http: { headers: new HeaderMap([['retry-after', '1']]) },
  }
  return lightError(error.message, { originalError: error, extensions })
}
