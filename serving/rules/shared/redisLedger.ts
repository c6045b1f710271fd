import { randomUUID } from 'node:crypto'
import { RedisConnection } from '../../../lib/redis/redisConnection'
import { aloneMs, type Lease, type RowLedger } from './sharedRows'

export interface RedisLedgerOptions {
  readonly url: string
  /** Tells deployments apart that share one Redis. */
  readonly name: string
  /** How many processes there are until Redis tells. */
  readonly processes: number
  /** Receives one line at a time for the operator. */
  readonly log: (line: string) => void
}

/**
 * The ledger in Redis:
 *
 *     presage:{NAME}:rows:KEY     a hash: the rows that are left, which may be below zero, when they were counted and by
 *                                 which process, and when another one counted last
 *     presage:{NAME}:processes    a sorted set: processes by when they last counted rows
 *
 * All times are those of Redis' clock.
 */
export class RedisLedger implements RowLedger {
  processes: number
  private readonly redis: RedisConnection
  private readonly id = randomUUID()
  private readonly opened: Promise<void>
  private isAway = false

  constructor(private readonly options: RedisLedgerOptions) {
    this.processes = options.processes
    this.redis = new RedisConnection({
      url: options.url,
      commandTimeoutMs: 200,
      what: 'the ledger of limits',
    })
    this.opened = this.redis.open()
  }

  async lease(key: string, perSecond: number, taken: number, wanted: number): Promise<Lease> {
    const { name, log } = this.options
    await this.opened
    try {
      const [granted, processes, othersMs] = (await this.redis.call((client) =>
        client.eval(
          leaseScript,
          2,
          `presage:{${name}}:rows:${key}`,
          `presage:{${name}}:processes`,
          ...[perSecond, taken, wanted, this.id, aloneMs],
        ),
      )) as [number, number, number]
      this.processes = processes
      if (this.isAway) log('limits: rows are counted by all processes together again')
      this.isAway = false
      return { granted, isAlone: othersMs >= aloneMs }
    } catch (error) {
      const { processes } = this
      const share =
        processes === 1
          ? 'this process counts for itself'
          : `each of ${processes} processes keeps to its share`
      if (!this.isAway) log(`limits: ${(error as Error).message}; ${share}`)
      this.isAway = true
      throw error
    }
  }

  close(): Promise<void> {
    return this.redis.close()
  }
}

const leaseScript = `
local rate, taken, wanted = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local time = redis.call('time')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local most = math.max(1, rate)
local found = redis.call('hmget', KEYS[1], 'left', 'at', 'by', 'others')
local before, since = tonumber(found[1] or ''), tonumber(found[2] or '')
local left = most
if before and since then left = math.min(most, before + (now - since) / 1000 * rate) end
if left ~= left then left = most end
left = math.max(-most, math.min(most, left - taken))
local granted = math.max(0, math.min(wanted, math.floor(left)))
local others = tonumber(found[4] or '')
if found[3] ~= ARGV[4] then others = since end
others = others or 0
if others ~= others or others > now then others = now end
redis.call('hset', KEYS[1], 'left', tostring(left - granted), 'at', string.format('%.0f', now),
  'by', ARGV[4], 'others', string.format('%.0f', others))
redis.call('pexpire', KEYS[1], math.max(ARGV[5], math.ceil(2000 * most / rate) + 1000))
redis.call('zadd', KEYS[2], now, ARGV[4])
redis.call('zremrangebyscore', KEYS[2], '-inf', now - 5000)
redis.call('pexpire', KEYS[2], 10000)
return { granted, redis.call('zcard', KEYS[2]), now - others }
`
