import type { Clock } from '../../lib/clock'
import type { Counter, Metrics } from '../../lib/metrics'
import { RedisConnection } from '../../routing/store/redisConnection'
import type { CacheStore, Found } from './cacheStore'
import type { KeptRow } from './keptRow'
import { packRow, unpackRow } from './redisRow'

export interface RedisStoreOptions {
  /** `redis://user:password@host:port/db`, or `rediss://` for TLS. */
  readonly url: string
  /** Tells deployments apart that share one Redis. */
  readonly name: string
  /** How long a request waits for Redis, in milliseconds. */
  readonly timeoutMs: number
  readonly clock: Clock
  readonly metrics: Metrics
  /** One line for the operator. */
  readonly log: (line: string) => void
}

/** After Redis has failed or been slow, it is left alone for so long. */
const restMs = 1_000

/** Rows that may be on their way to Redis; others are not kept. */
const maxWriting = 20_000

/** Redis has so long for a command before it counts as away; nobody waits for that. */
const commandTimeoutMs = 500

/**
 * In Redis, for all processes that share it: a key `presage:NAME:KEY` for each row, which Redis itself lets expire. It is a help and no
 * more: what it does not say in time is made as if it had nothing, and a Redis that is away or hangs costs one request in a second
 * its `timeoutMs`.
 */
export class RedisStore implements CacheStore {
  private readonly connection: RedisConnection
  private readonly count: Readonly<Record<Failure, Counter>>
  private writing = 0
  private restUntil = 0
  private isAway = false

  constructor(private readonly options: RedisStoreOptions) {
    const { url, metrics } = options
    this.connection = new RedisConnection({ url, commandTimeoutMs, what: 'the prediction cache' })
    void this.connection.open()
    const counter = (reason: Failure) =>
      metrics.counter('presage_cache_errors_total', 'Calls of Redis that the cache had to do without.', {
        reason,
      })
    this.count = {
      timeout: counter('timeout'),
      unreachable: counter('unreachable'),
      malformed: counter('malformed'),
      'write-failed': counter('write-failed'),
      'too-many-writes': counter('too-many-writes'),
    }
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
        // A request in a hurry says nothing of Redis.
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
          if (!isLate) this.fail('unreachable', error.message)
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
        for (const [error] of (await pipeline.exec()) ?? []) if (error) throw error
      })
      // A Redis that is full still answers what it has; one that is away, the next read finds out.
      .catch(() => this.count['write-failed'].inc())
      .finally(() => {
        this.writing -= keys.length
      })
  }

  dispose(): Promise<void> {
    return this.connection.close()
  }

  private keyOf(key: string): string {
    return `presage:${this.options.name}:${key}`
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
    this.options.log(`predictions are made without their cache, which does not answer: ${why}`)
  }

  private answered(): void {
    if (!this.isAway || this.options.clock.now() < this.restUntil) return
    this.isAway = false
    this.options.log('the prediction cache answers again')
  }
}

type Failure = 'timeout' | 'unreachable' | 'malformed' | 'write-failed' | 'too-many-writes'
