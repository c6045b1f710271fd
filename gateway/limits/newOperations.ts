import { HeaderMap } from '@apollo/server'
import type { GraphQLError } from 'graphql'
import type { Clock } from '../../lib/clock'
import { PresageError } from '../../lib/errors'
import { LruCache } from '../../lib/lruCache'
import type { Counter, Metrics } from '../../lib/metrics'
import { clientOf } from '../../lib/request/caller'
import type { ClientRequest } from '../../lib/request/clientRequest'
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
 *
 * To find out that a text is no planned operation, or none at all, costs nearly as much as an answer. So each client may
 * have as many texts read in vain. Beyond that, texts that are not known as they are get refused unread.
 */
export class NewOperations {
  private readonly clients = new LruCache<Shares>(maxClients, Number.POSITIVE_INFINITY)
  private readonly refused: Counter

  constructor(private readonly options: NewOperationsOptions) {
    this.refused = options.metrics.counter(
      'presage_new_operations_refused_total',
      'Operations refused because their client sent too many new ones.',
    )
  }

  /** Throws TOO_MANY_NEW_OPERATIONS if the client has used up its share. */
  admit(request: ClientRequest): void {
    const { perSecond } = this.options
    if (this.sharesOf(request).planned.take(1, perSecond, perSecond * burstSeconds) === 0) throw this.refuse()
  }

  /** Whether to read a text of the client that is not known. If not, refuse it. */
  mayRead(request: ClientRequest): boolean {
    const { perSecond } = this.options
    return this.sharesOf(request).inVain.hasOne(perSecond, perSecond * burstSeconds)
  }

  /**
   * Call for a text of the client that was read, and led to no answer: it is invalid, or was refused. Each millisecond
   * that it took counts as a text.
   */
  readInVain(request: ClientRequest, ms = 0): void {
    const { perSecond } = this.options
    this.sharesOf(request).inVain.charge(Math.max(1, Math.round(ms)), perSecond, perSecond * burstSeconds)
  }

  /** Counts a refusal, and returns its error. */
  refuse(): PresageError {
    const { perSecond } = this.options
    this.refused.inc()
    return new PresageError(
      'TOO_MANY_NEW_OPERATIONS',
      `operation: a client may have at most ${perSecond} new operations a second, got more`,
      { limit: 'newOperations', maximum: perSecond },
    )
  }

  private sharesOf(request: ClientRequest): Shares {
    const client = clientOf(request)
    let shares = this.clients.get(client)
    if (shares === undefined) {
      const { clock } = this.options
      shares = { planned: new TokenBucket(clock), inVain: new TokenBucket(clock) }
      this.clients.set(client, shares, 0)
    }
    return shares
  }
}

/** What a client may have done with texts that are new. */
interface Shares {
  readonly planned: TokenBucket
  readonly inVain: TokenBucket
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
    // Of a request that was refused before execution; `answerStatus` knows what the client is to see.
    http: { status: 400, headers: new HeaderMap([['retry-after', '1']]) },
  }
  return lightError(error.message, { originalError: error, extensions })
}
