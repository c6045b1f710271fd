import { Redis } from 'ioredis'
import { type Clock, systemClock } from '../../../../lib/clock'
import { RedisLedger } from '../../../../serving/rules/shared/redisLedger'
import { type Lease, SharedRows } from '../../../../serving/rules/shared/sharedRows'
import { RedisServer } from '../../../support/redisServer'
import { until } from '../../../support/until'

const perSecond = 1_000
let server: RedisServer
let ledgers: RedisLedger[]

/** The processes' clock stands still while the machine does. That of Redis goes on. */
class SteadyClock implements Clock {
  private time = 0
  private seenAt = systemClock.now()

  now(): number {
    const now = systemClock.now()
    this.time += Math.min(now - this.seenAt, 50)
    this.seenAt = now
    return this.time
  }

  after = systemClock.after
}

let clock: Clock

beforeEach(async () => {
  server = await RedisServer.start()
  ledgers = []
  clock = new SteadyClock()
})
afterEach(async () => {
  await Promise.all(ledgers.map((ledger) => ledger.close()))
  await RedisServer.stopAll()
})

/** A process, with the rows of one tenant. */
function open(key = 'RATE tenant a'): { ledger: RedisLedger; rows: SharedRows; lines: string[] } {
  const lines: string[] = []
  const log = (line: string) => lines.push(line)
  const ledger = new RedisLedger({ url: server.url, name: 'test', processes: 1, log })
  ledgers.push(ledger)
  return { ledger, rows: new SharedRows(key, ledger, clock), lines }
}

/**
 * Has each process ask for so many rows every 5 ms, for this long. Returns how many each got, and how many seconds it took
 * by the clock of Redis: more where the machine stood still.
 */
async function flood(
  asks: readonly (readonly [SharedRows, number])[],
  ms: number,
): Promise<{ readonly got: readonly number[]; readonly seconds: number }> {
  const got = asks.map(() => 0)
  const began = systemClock.now()
  const end = clock.now() + ms
  await until(
    () => {
      for (const [at, [rows, asked]] of asks.entries()) got[at] += rows.take(asked, perSecond)
      return clock.now() >= end
    },
    { everyMs: 5 },
  )
  return { got, seconds: (systemClock.now() - began) / 1000 }
}

const sum = (counts: readonly number[]) => counts.reduce((total, count) => total + count, 0)

it('all processes together stay within the limit, and share it', async () => {
  const processes = [open(), open(), open()]
  // The burst of the beginning.
  await flood(
    processes.map(({ rows }) => [rows, 100] as const),
    2_500,
  )
  const { got, seconds } = await flood(
    processes.map(({ rows }) => [rows, 100] as const),
    2_000,
  )
  expect(sum(got)).toBeGreaterThan(0.8 * 2 * perSecond)
  expect(sum(got)).toBeLessThan(1.15 * seconds * perSecond)
  for (const one of got) expect(one).toBeGreaterThan((0.5 * sum(got)) / 3)
})

it('a process that is asked more gets what the others leave', async () => {
  const [busy, calm] = [open(), open()]
  const asks = [[busy.rows, 100] as const, [calm.rows, 1] as const]
  await flood(asks, 2_500)
  const { got, seconds } = await flood(asks, 2_000)
  const [most] = got
  // One of two processes has a share of a half.
  expect(most).toBeGreaterThan(0.6 * 2 * perSecond)
  expect(sum(got)).toBeLessThan(1.15 * seconds * perSecond)
})

it('lists at half of the limit are answered whole by the one process that is asked, beside other keys', async () => {
  const [paged, other, third] = [open(), open('RATE tenant b'), open('RATE tenant b')]
  await flood([[other.rows, 1] as const, [third.rows, 1] as const], 100)
  const pages: number[] = []
  for (let page = 0; page < 4; page++) {
    // Asked for nothing, it only enters again what Redis has not answered, where the machine stood still.
    if (page > 0)
      await flood([[paged.rows, 0] as const, [other.rows, 1] as const, [third.rows, 1] as const], 2_000)
    pages.push(paged.rows.take(perSecond, perSecond))
  }
  expect(paged.ledger.processes).toBe(3)
  // The first comes before the process knows that it is alone.
  expect(pages.slice(1)).toEqual([perSecond, perSecond, perSecond])
})

it('processes that take turns do not each get the whole limit', async () => {
  const processes = [open(), open(), open()]
  for (const { rows } of processes) await flood([[rows, 1]], 200)
  await flood([], 1_000)
  const burst = processes.map(({ rows }) => rows.take(perSecond, perSecond))
  expect(sum(burst)).toBeLessThan(2 * perSecond)
})

it('keys do not touch each other', async () => {
  const [flooded, other] = [open('RATE tenant a'), open('RATE tenant b')]
  await flood([[flooded.rows, 500]], 500)
  expect(other.rows.take(400, perSecond)).toBe(400)
})

it('with Redis away each keeps to its share, and says so once; then they count together again', async () => {
  const processes = [open(), open()]
  const asks = processes.map(({ rows }) => [rows, 100] as const)
  await flood(asks, 1_000)
  expect(processes.map(({ ledger }) => ledger.processes)).toEqual([2, 2])
  await server.kill()
  await flood(asks, 1_000)
  const { got } = await flood(asks, 2_000)
  for (const one of got) expect(Math.abs(one / 2 - perSecond / 2)).toBeLessThan(0.15 * (perSecond / 2))
  for (const { lines } of processes) {
    const [last, ...before] = lines.toReversed()
    expect(last).toMatch(/each of 2 processes keeps to its share$/)
    // Others only where the machine has stood still.
    expect(before[0] ?? 'together again').toMatch(/together again$/)
  }
  await server.start()
  await until(() => {
    for (const [rows, asked] of asks) rows.take(asked, perSecond)
    return processes.every(({ lines }) => lines.at(-1)?.endsWith('together again'))
  })
})

it('what is counted leaves Redis by itself', async () => {
  const { rows } = open()
  const redis = new Redis(server.url)
  let keys: string[] = []
  await until(async () => {
    rows.take(10, perSecond)
    keys = await redis.keys('presage:{test}:*')
    return keys.length > 1
  })
  expect(keys.sort()).toEqual(['presage:{test}:processes', 'presage:{test}:rows:RATE tenant a'])
  for (const key of keys) expect(await redis.pttl(key)).toBeGreaterThan(0)
  redis.disconnect()
})

it.each([
  ['no numbers', { left: 'nonsense', at: 'nonsense' }],
  ['not a number', { left: 'nan', at: '0' }],
  ['infinite ones', { left: 'inf', at: '-inf' }],
  ['nothing', { other: '1' }],
])('a count that is none counts as a full one: %s', async (_, count) => {
  const key = 'RATE tenant a'
  const redis = new Redis(server.url)
  const { ledger } = open()
  const leases = async () => {
    await redis.del(`presage:{test}:rows:${key}`)
    await redis.hset(`presage:{test}:rows:${key}`, count)
    return [await ledger.lease(key, perSecond, 0, 2 * perSecond), await ledger.lease(key, 1, 0, perSecond)]
  }
  let leased: readonly Lease[] | undefined
  await until(async () => {
    // A ledger waits for Redis for less than a machine may stand still.
    leased = await leases().catch(() => undefined)
    return leased !== undefined
  })
  const [first, second] = leased!.map(({ granted }) => granted)
  expect(first).toBe(perSecond)
  expect(second).toBeLessThan(2)
  redis.disconnect()
})
