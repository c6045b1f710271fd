import { RedisConnection } from '../../lib/redis/redisConnection'

export interface LeasePlace {
  readonly url: string
  /** Distinguishes deployments that share a Redis. */
  readonly name: string
  readonly shard: string
}

/** How a worker stands in the register: its lease runs, it has run out, or the worker has said that it leaves. */
export type LeaseState = 'live' | 'over' | 'left'

/**
 * The register of a shard's workers in Redis:
 *
 *     presage:{NAME}:workers:SHARD            a hash: address to `STATE EXPIRY`, by Redis' clock in milliseconds
 *     presage:{NAME}:workers:SHARD:changes    a channel: a worker has come or left
 */
export class RedisLease {
  private readonly key: string
  private readonly channel: string
  private readonly redis: RedisConnection
  /** Settles once Redis was tried for the first time. */
  readonly opened: Promise<void>

  constructor({ url, name, shard }: LeasePlace) {
    this.key = `presage:{${name}}:workers:${shard}`
    this.channel = `${this.key}:changes`
    this.redis = new RedisConnection({ url, what: 'the register of workers' })
    this.opened = this.redis.open()
  }

  /** Registers a worker for so many milliseconds, or anew. Throws STORE_UNREACHABLE. */
  async renew(address: string, leaseMs: number): Promise<void> {
    await this.write(address, 'live', leaseMs)
  }

  /** Throws STORE_UNREACHABLE. */
  async leave(address: string): Promise<void> {
    await this.write(address, 'left', keptMs)
  }

  /** All workers that are or lately were registered. Throws STORE_UNREACHABLE. */
  async read(): Promise<ReadonlyMap<string, LeaseState>> {
    const flat = (await this.redis.call((client) => client.eval(readScript, 1, this.key, keptMs))) as string[]
    const states = new Map<string, LeaseState>()
    for (let at = 0; at < flat.length; at += 2) states.set(flat[at], flat[at + 1] as LeaseState)
    return states
  }

  /** Calls the listener when a worker has come or left, and when that may have been missed. */
  watch(listener: () => void): void {
    this.redis.subscribe(this.channel, listener)
  }

  close(): Promise<void> {
    return this.redis.close()
  }

  private async write(address: string, state: LeaseState, ms: number): Promise<void> {
    await this.redis.call((client) =>
      client.eval(writeScript, 1, this.key, address, state, ms, keptMs, this.channel),
    )
  }
}

/** How long Redis keeps what is over, in milliseconds. */
const keptMs = 60_000

/** Leases are timed by Redis' clock only, because the clocks of machines may differ. */
const nowMs = `
local time = redis.call('time')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local function parts(value) return string.match(value, '^(%a+) (%d+)$') end
`

/**
 * Tells of changes only; most writes renew a lease that runs. What is written stays if a later command fails, so a user
 * who may not tell must not fail: the register is polled as well.
 */
const writeScript = `${nowMs}
local state, expiry = parts(redis.call('hget', KEYS[1], ARGV[1]) or '')
redis.call('hset', KEYS[1], ARGV[1], ARGV[2] .. ' ' .. string.format('%.0f', now + ARGV[3]))
redis.call('pexpire', KEYS[1], ARGV[3] + ARGV[4])
if state ~= ARGV[2] or tonumber(expiry) <= now then redis.pcall('publish', ARGV[5], '') end
return 1
`

/** What nobody of us wrote counts as over long ago. Who may not tidy up reads nevertheless. */
const readScript = `${nowMs}
local fields = redis.call('hgetall', KEYS[1])
local found = {}
for i = 1, #fields, 2 do
  local state, expiry = parts(fields[i + 1])
  local age = now - tonumber(expiry or 0)
  if age > tonumber(ARGV[1]) then
    redis.pcall('hdel', KEYS[1], fields[i])
  else
    found[#found + 1] = fields[i]
    found[#found + 1] = (state == 'live' and age >= 0) and 'over' or state
  end
end
return found
`
