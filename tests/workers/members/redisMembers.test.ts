import { Redis } from 'ioredis'
import { type Clock, systemClock } from '../../../lib/clock'
import { RedisLease } from '../../../workers/members/redisLease'
import { RedisMembers } from '../../../workers/members/redisMembers'
import { RedisRegistration } from '../../../workers/members/redisRegistration'
import { RedisServer } from '../../support/redisServer'
import { until } from '../../support/until'

let server: RedisServer
let members: RedisMembers
let lines: string[]
let workers: RedisRegistration[]
/** How far the members' clock is ahead. */
let leapMs: number
/** Whether the members look at Redis from time to time, also when it has told nothing. */
let looksByItself: boolean

beforeEach(async () => {
  server = await RedisServer.start()
  lines = []
  workers = []
  leapMs = 0
  looksByItself = true
  const clock: Clock = {
    now: () => systemClock.now() + leapMs,
    after: (ms, callback) =>
      systemClock.after(ms, () => {
        if (ms < lookMs || looksByItself) callback()
      }),
  }
  members = new RedisMembers({ ...place(), clock, log: (line) => lines.push(line) })
  await members.tried
})

afterEach(async () => {
  await Promise.all(workers.map((worker) => worker.close()))
  await members.close()
  await RedisServer.stopAll()
})

const place = () => ({ url: server.url, name: 'test', shard: 'far' })

function register(address: string): RedisRegistration {
  const worker = new RedisRegistration({ ...place(), address, clock: systemClock, log: () => {} })
  workers.push(worker)
  return worker
}

const both = ['10.0.0.1:8000', '10.0.0.2:8000']
const isKnown = (addresses: readonly string[]) => () => members.addresses.join() === addresses.join()
/** How often it is looked. */
const lookMs = 1_000

/** Does it again where the machine stood still for longer than Redis may take. */
async function inTime<T>(ask: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await ask()
    } catch (error) {
      if (!(error as Error).message.includes('timed out')) throw error
    }
  }
}

async function registerBoth(): Promise<void> {
  register(both[1])
  register(both[0])
  await until(isKnown(both))
}

it('learns of workers that come and leave when Redis tells of them', async () => {
  looksByItself = false
  await registerBoth()
  await workers[0].close()
  await until(isKnown([both[0]]))
  register(both[1])
  await until(isKnown(both))
})

it('keeps those that it knew last while Redis is away, and through its return without data', async () => {
  await registerBoth()
  const seen = new Set<number>()
  members.changed(() => seen.add(members.addresses.length))
  await server.kill()
  await until(() => members.problem !== undefined)
  server.forget()
  await server.start()
  await until(() => lines.at(-1) === 'the list of its servers is up to date again')
  const redis = new Redis(server.url)
  await until(async () => (await redis.hlen('presage:{test}:workers:far')) === 2)
  await redis.flushall()
  await until(async () => (await redis.hlen('presage:{test}:workers:far')) === 2)
  redis.disconnect()
  expect(members.addresses).toEqual(both)
  // That they are told again is news as well.
  expect([...seen]).toEqual([2])
})

it('gives workers time to register again after Redis was away, also if it was empty before', async () => {
  const lease = new RedisLease(place())
  await lease.opened
  for (const address of both) await inTime(() => lease.renew(address, 60_000))
  await until(isKnown(both))
  const redis = new Redis(server.url)
  await redis.flushall()
  redis.disconnect()
  await lease.close()
  // It has seen that both are missing.
  await new Promise((resolve) => setTimeout(resolve, 1_500))
  await server.kill()
  await until(() => members.problem !== undefined)
  leapMs = 11_000
  await server.start()
  await until(() => members.problem === undefined)
  expect(members.addresses).toEqual(both)
})

it('lets one go that has not renewed its lease for a while', async () => {
  const lease = new RedisLease({ url: server.url, name: 'test', shard: 'far' })
  await lease.opened
  await inTime(() => lease.renew(both[1], 60_000))
  register(both[0])
  await until(isKnown(both))
  await inTime(() => lease.renew(both[1], 200))
  // Its lease is over, and it may have been Redis that was away.
  await new Promise((resolve) => setTimeout(resolve, 1_500))
  expect(members.addresses).toEqual(both)
  leapMs = 11_000
  await until(isKnown([both[0]]))
  await lease.close()
})

it('keeps them while Redis takes no writes, so that none can renew its lease', async () => {
  await registerBoth()
  const redis = new Redis(server.url)
  await redis.replicaof('127.0.0.1', '1')
  const lease = new RedisLease(place())
  await lease.opened
  await until(async () => [...(await inTime(() => lease.read())).values()].every((state) => state === 'over'))
  for (let round = 0; round < 2; round++) {
    await new Promise((resolve) => setTimeout(resolve, 1_500))
    leapMs += 11_000
  }
  await new Promise((resolve) => setTimeout(resolve, 1_500))
  expect(members.addresses).toEqual(both)
  await redis.replicaof('NO', 'ONE')
  redis.disconnect()
  await until(async () => [...(await inTime(() => lease.read())).values()].every((state) => state === 'live'))
  await lease.close()
  expect(members.addresses).toEqual(both)
})

it('drops what no worker wrote, and learns of the workers beside it', async () => {
  const key = 'presage:{test}:workers:far'
  const redis = new Redis(server.url)
  for (const value of ['', 'live', 'live soon', '{"state":"live"}', '\u0000'])
    await redis.hset(key, `odd ${value}`, value)
  await registerBoth()
  expect(await redis.hlen(key)).toBe(2)
  redis.disconnect()
  expect(members.problem).toBeUndefined()
})

it('registers and leaves as a user without the channel, whose changes are seen by looking', async () => {
  const redis = new Redis(server.url)
  const rights =
    '~presage:{test}:* resetchannels +@read +@write +@pubsub +@scripting +@connection +time +info'
  await redis.call('acl', 'setuser', 'nochan', 'on', '>secret', ...rights.split(' '))
  redis.disconnect()
  const url = server.url.replace('redis://', 'redis://nochan:secret@')
  const lease = new RedisLease({ ...place(), url })
  try {
    await lease.opened
    await inTime(() => lease.renew(both[0], 60_000))
    expect(await inTime(() => lease.read())).toEqual(new Map([[both[0], 'live']]))
    await inTime(() => lease.leave(both[0]))
    expect(await inTime(() => lease.read())).toEqual(new Map([[both[0], 'left']]))
  } finally {
    await lease.close()
  }
})

it('is read by a user who may not write, also while there are leases that are long over', async () => {
  const redis = new Redis(server.url)
  const rights = '~presage:{test}:* resetchannels +@read +@scripting +@connection +time +info'
  await redis.call('acl', 'setuser', 'reader', 'on', '>secret', ...rights.split(' '))
  await redis.hset('presage:{test}:workers:far', both[0], 'live 1', both[1], 'live 99999999999999')
  redis.disconnect()
  const lease = new RedisLease({ ...place(), url: server.url.replace('redis://', 'redis://reader:secret@') })
  try {
    await lease.opened
    expect(await inTime(() => lease.read())).toEqual(new Map([[both[1], 'live']]))
  } finally {
    await lease.close()
  }
})

it('counts as tried when it closes while Redis was never there', async () => {
  const url = 'redis://127.0.0.1:1'
  const others = new RedisMembers({ ...place(), url, clock: systemClock, log: (line) => lines.push(line) })
  await others.close()
  await others.tried
  expect(lines).toEqual([])
})
