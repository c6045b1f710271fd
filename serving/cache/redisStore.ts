import type { Clock } from '../../lib/clock'
import type { Counter, Metrics } from '../../lib/metrics'
import { RedisConnection } from '../../lib/redis/redisConnection'
import type { CacheStore, Found } from './cacheStore'
import type { KeptRow } from './keptRow'
import { packRow, unpackRow } from './redisRow'

export interface RedisStoreOptions {
  /** `redis://user:password@host:port/db`, or `rediss://` for TLS. */
  readonly url: string
  /** Distinguishes deployments that share a Redis. */
  readonly name: string
  /** How long a request waits for Redis, in milliseconds. */
  readonly timeoutMs: number
  readonly clock: Clock
  readonly metrics: Metrics
  /** Writes one line for the operator. */
  readonly log: (line: string) => void
}

/** After Redis failed or was slow, it is not used for this long. */
const restMs = 1_000

/** The most rows that may be on their way to Redis. Further rows are not stored. */
const maxWriting = 20_000

/** When a command counts as failed, unless requests wait longer. */
const leastCommandMs = 500

/**
 * Keeps rows in Redis, shared by all processes that use it: one key `presage:{NAME}:KEY` per row, which Redis expires.
 * The store is optional: a row that it does not return in time is predicted. While Redis is unreachable or hangs, at
 * most one request a second waits its `timeoutMs`.
 */
export class RedisStore implements CacheStore {
  private readonly connection: RedisConnection
  private readonly count: Readonly<Record<Failure, Counter>>
  private writing = 0
  private restUntil = 0
  private isAway = false
  private isReadOnly = false

  constructor(private readonly options: RedisStoreOptions) {
    const { url, metrics, timeoutMs } = options
    const commandTimeoutMs = Math.max(leastCommandMs, timeoutMs)
    this.connection = new RedisConnection({ url, commandTimeoutMs, what: 'the prediction cache' })
    void this.connection.open()
    const help = 'Redis calls of the cache that failed.'
    this.count = Object.fromEntries(
      failures.map((reason) => [reason, metrics.counter('presage_cache_errors_total', help, { reason })]),
    ) as Record<Failure, Counter>
  }

  read(keys: readonly string[], deadline: number): Found | Promise<Found> {
    const { clock, timeoutMs } = this.options
    const nothing: Found = new Array<undefined>(keys.length).fill(undefined)
    const now = clock.now()
    if (now < this.restUntil) return nothing
    const waitMs = Math.min(timeoutMs, deadline - now)
    return new Promise((resolve) => {
      let isLate = false
      const cancel = clock.after(Math.max(0, waitMs), () => {
        isLate = true
        // If the request's deadline cut the wait short, Redis may be fine.
        if (waitMs === timeoutMs) this.fail('timeout', `no answer within ${timeoutMs} ms`)
        resolve(nothing)
      })
      this.connection
        .call((client) => client.mgetBuffer(keys.map((key) => this.keyOf(key))))
        .then((values) => {
          this.answered()
          resolve(values.map((value) => (value === null ? undefined : this.unpack(value))))
        })
        .catch((error: Error) => {
          // If only requests in a hurry asked, nothing else finds a Redis that hangs.
          if (!isLate || clock.now() >= this.restUntil) this.fail('unreachable', error.message)
          resolve(nothing)
        })
        .finally(cancel)
    })
  }

  write(keys: readonly string[], rows: readonly KeptRow[], ttlMs: number): void {
    if (this.options.clock.now() < this.restUntil) return
    if (this.writing + keys.length > maxWriting) {
      this.count['too-many-writes'].inc()
      return
    }
    this.writing += keys.length
    this.connection
      .call(async (client) => {
        const pipeline = client.pipeline()
        for (let at = 0; at < keys.length; at++)
          pipeline.set(this.keyOf(keys[at]), packRow(rows[at]), 'PX', Math.ceil(ttlMs))
        for (const [error] of (await pipeline.exec()) ?? []) {
          if (error?.message.startsWith('NOPERM')) this.mayNotWrite(error.message)
          if (error) throw error
        }
      })
      // A full Redis still answers reads. If it is unreachable, the next read finds out.
      .catch(() => this.count['write-failed'].inc())
      .finally(() => {
        this.writing -= keys.length
      })
  }

  dispose(): Promise<void> {
    return this.connection.close()
  }

  private keyOf(key: string): string {
    // All in one slot of a cluster, since the rows of a request are asked for together.
    return `presage:{${this.options.name}}:${key}`
  }

  private unpack(value: Buffer): KeptRow | undefined {
    const row = unpackRow(value)
    if (row === undefined) this.count.malformed.inc()
    return row
  }

  private fail(reason: Failure, why: string): void {
    this.count[reason].inc()
    this.restUntil = this.options.clock.now() + restMs
    if (this.isAway) return
    this.isAway = true
    this.options.log(`the prediction cache does not answer, so predictions run without it: ${why}`)
  }

  private mayNotWrite(why: string): void {
    if (this.isReadOnly) return
    this.isReadOnly = true
    this.options.log(`the prediction cache keeps no new answers: ${why}`)
  }

  private answered(): void {
    if (!this.isAway || this.options.clock.now() < this.restUntil) return
    this.isAway = false
    this.options.log('the prediction cache answers again')
  }
}

const failures = ['timeout', 'unreachable', 'malformed', 'write-failed', 'too-many-writes'] as const
type Failure = (typeof failures)[number]
