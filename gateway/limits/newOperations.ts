import { HeaderMap } from '@apollo/server'
import type { GraphQLError } from 'graphql'
import type { Clock } from '../../lib/clock'
import { PresageError } from '../../lib/errors'
import { LruCache } from '../../lib/lruCache'
import type { Counter, Metrics } from '../../lib/metrics'
import { clientOf } from '../../lib/request/clientOf'
import type { ClientRequest } from '../../lib/request/clientRequest'
import { TokenBucket } from '../../lib/scheduling/tokenBucket'
import { lightError } from '../graphql/lightError'
import { extensionsOf } from '../graphql/locatedError'

export interface NewOperationsOptions {
  /** How many each client may have planned in a second, in the long run. */
  readonly perSecond: number
  readonly clock: Clock
  readonly metrics: Metrics
}

/**
 * Holds clients to a number of operations that must be planned: a plan costs a hundred times what it costs to run it, so one
 * client with ever new operations could take the time of all others. Operations that are planned already are not counted.
 */
export class NewOperations {
  private readonly buckets = new LruCache<TokenBucket>(maxClients, Number.POSITIVE_INFINITY)
  private readonly refused: Counter

  constructor(private readonly options: NewOperationsOptions) {
    this.refused = options.metrics.counter(
      'presage_new_operations_refused_total',
      'Operations that were not planned, since their client had too many planned in too short a time.',
    )
  }

  /** Throws TOO_MANY_NEW_OPERATIONS where the client has had its share. */
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

/** A client that has just met a new version of the service asks for all its operations at once. */
const burstSeconds = 5

/** The least active are forgotten beyond these; by then their buckets are full again, most often. */
const maxClients = 10_000

/** For Apollo Server: the refusal, and the header that says when to ask again. */
export function refusalWithRetryAfter(error: PresageError): GraphQLError {
  // One comes in within a second, as there must be at least one a second.
  const extensions: Record<string, unknown> = {
    ...extensionsOf(error),
    http: { headers: new HeaderMap([['retry-after', '1']]) },
  }
  return lightError(error.message, { originalError: error, extensions })
}
