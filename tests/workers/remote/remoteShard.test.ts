import { TcpProxy } from '../../../bench/faults/tcpProxy'
import { type Clock, systemClock } from '../../../lib/clock'
import type { Metrics } from '../../../lib/metrics'
import type { Tensors } from '../../../models/types/tensor'
import type { MemberSource } from '../../../workers/members/memberSource'
import { createShard, type Shard } from '../../../workers/shard'
import { abuseScore, paymentRisk } from '../../contracts/worker'
import { CountedMetrics } from '../../support/countedMetrics'
import { untilJoined } from '../../support/dialling'
import { freePort } from '../../support/freePort'
import { type GraphServer, startGraphServer } from '../../support/graphServer'
import { paymentRiskModel } from '../../support/paymentRiskModel'
import { SetMembers } from '../../support/setMembers'
import { until } from '../../support/until'

const key = 'payment-risk@1'

const model = paymentRiskModel()

describe('a shard of servers elsewhere', () => {
  let servers: GraphServer[]
  let shard: Shard
  let lines: string[]
  let clock: Clock

  async function open(
    endpoints: readonly string[] | MemberSource,
    metrics?: Metrics,
    time: Clock = systemClock,
  ): Promise<void> {
    lines = []
    clock = time
    shard = await createShard({
      name: 'far',
      kind: 'thread',
      workers: 1,
      remote: { endpoints, protocol: 'grpc' },
      log: (line) => lines.push(line),
      clock,
      ...(metrics && { metrics }),
    })
  }

  async function start(...graphs: string[]): Promise<void> {
    servers = await Promise.all(graphs.map(async () => startGraphServer(await freePort())))
    for (const [at, server] of servers.entries()) server.put(key, graphs[at])
    await open(servers.map(({ addresses }) => addresses.grpc))
  }

  afterEach(async () => {
    await shard.dispose()
    await Promise.all(servers.map((server) => server.close()))
  })

  /** Passes a server whose first probability is the known one. */
  const check = async (run: (tensors: Tensors) => Promise<Tensors>) => {
    const { probability } = await run(model.preprocess([], 1))
    if (Math.abs(Number(probability.data[0]) - 0.645029) > 1e-5)
      throw new Error('case 0: probability: must be 0.645')
  }
  /** Settles when all have been reached; what was told of those that had to be dialled again is forgotten. */
  async function joined(): Promise<void> {
    await untilJoined(shard)
    lines.length = 0
  }
  async function serve(): Promise<void> {
    await joined()
    await shard.load(key, paymentRisk)
    shard.serve(model)
    await shard.remote?.verify(model, check)
  }
  const submit = (deadlineMs = 30_000) => shard.submit(key, [[0]], 1, { deadline: clock.now() + deadlineMs })
  const worked = () => shard.status().workers.map(({ id, batches }) => [id, batches > 0])
  /** Asks until these have had batches: one that was slow by chance gets none for a while. */
  const untilWorked = (...ids: string[]) =>
    until(async () => {
      await Promise.all(Array.from({ length: 40 }, () => submit()))
      return ids.every((id) => worked().some(([one, hasWorked]) => one === id && hasWorked))
    })

  it('gives batches to all of them, and says what each does', async () => {
    await start(paymentRisk, paymentRisk)
    await serve()
    await untilWorked('far-1', 'far-2')
    expect(worked()).toEqual([
      ['far-1', true],
      ['far-2', true],
    ])
    expect(shard.status().workers[0]).toMatchObject({ kind: 'remote', state: 'idle' })
  })

  it('gives none to a server that answers otherwise, and tells why', async () => {
    await start(paymentRisk, paymentRisk)
    let call = 0
    await joined()
    await shard.load(key, paymentRisk)
    shard.serve(model)
    await shard.remote?.verify(model, async (run) => {
      await check(run)
      if (++call === 2) throw new Error('case 0: probability: must be 0.6, got 0.7')
    })
    expect(lines).toEqual([
      expect.stringMatching(/^shard far: worker far-\d serves without payment-risk@1: case 0: /),
    ])
    for (let round = 0; round < 20; round++) await submit()
    expect(worked().filter(([, hasWorked]) => hasWorked)).toHaveLength(1)
  })

  it('refuses a version if none passes, with the reason', async () => {
    await start(paymentRisk)
    await joined()
    await shard.load(key, paymentRisk)
    shard.serve(model)
    const refuse = async () => {
      throw new Error('case 3: probability: must be 0.6, got 0.7')
    }
    await expect(shard.remote?.verify(model, refuse)).rejects.toThrow('case 3: ')
  })

  it('refuses a server whose tensors are others', async () => {
    await start(abuseScore, paymentRisk, paymentRisk)
    await serve()
    expect(lines).toEqual([
      expect.stringMatching(
        /^shard far: worker far-1 serves without payment-risk@1: its tensors must be those of/,
      ),
    ])
  })

  it('tells who cannot be reached', async () => {
    servers = []
    await open([`127.0.0.1:${await freePort()}`])
    await expect(shard.load(key, paymentRisk)).rejects.toThrow(
      /^no server of shard far can serve it: far-1: .*ECONNREFUSED/,
    )
  })

  it('repeats a batch at another server once, within its budget', async () => {
    await start(paymentRisk, paymentRisk)
    await serve()
    // One that refuses everything for want of room, as often as it is asked.
    servers[0].refuse('OVERLOADED')
    const outcomes: (string | undefined)[] = []
    for (let round = 0; round < 100; round++) outcomes.push((await submit())[0].error?.code)
    expect(outcomes.filter((code) => code !== undefined)).toEqual([])
    servers[1].refuse('OVERLOADED')
    expect((await submit())[0].error?.code).toBe('OVERLOADED')
    servers[0].refuse(undefined)
    servers[1].refuse(undefined)
    expect((await submit())[0].error).toBeUndefined()
  })

  it('fails at once without a server, with a code that a fallback may follow', async () => {
    await start(paymentRisk)
    await serve()
    await servers[0].close()
    await until(
      async () => (await submit())[0].error?.message === `${key}: no server of shard far can be reached`,
    )
    const [{ error }] = await submit()
    expect(error?.code).toBe('WORKER_LOST')
  })

  it('takes a server that comes back only once it has passed the check again', async () => {
    await start(paymentRisk)
    await serve()
    const port = Number(servers[0].addresses.grpc.split(':')[1])
    await servers[0].close()
    await until(async () => (await submit())[0].error?.code === 'WORKER_LOST')
    servers = [await startGraphServer(port)]
    servers[0].put(key, abuseScore)
    await until(() => lines.some((line) => /serves without payment-risk@1: its tensors must be/.test(line)))
    expect((await submit())[0].error?.code).toBe('WORKER_LOST')
  })

  it('gives a server that says it is not ready only what no other can take, until it is', async () => {
    await start(paymentRisk, paymentRisk)
    await serve()
    const states = () => shard.status().workers.map(({ state }) => state)
    servers[0].setReady(false)
    await until(() => lines.some((line) => line.endsWith('can take: it is not ready')))
    const { batches } = shard.status().workers[0]
    for (let round = 0; round < 20; round++) expect((await submit())[0].error).toBeUndefined()
    expect(shard.status().workers[0].batches).toBe(batches)
    await servers[1].close()
    await until(() => states()[1] === 'resting')
    expect(states()[0]).toBe('retiring')
    for (let round = 0; round < 20; round++) expect((await submit())[0].error).toBeUndefined()
    expect(shard.status().workers[0].batches).toBe(batches + 20)
    servers[0].setReady(true)
    await until(() => lines.some((line) => /worker far-1 .* serves again$/.test(line)))
    expect((await submit())[0].error).toBeUndefined()
  })

  describe('whose members come and go', () => {
    let members: SetMembers
    let lost: CountedMetrics

    async function follow(graphs: string[], time?: Clock): Promise<void> {
      servers = await Promise.all(graphs.map(() => startGraphServer()))
      for (const [at, server] of servers.entries()) server.put(key, graphs[at])
      members = new SetMembers()
      lost = new CountedMetrics()
      await open(members, lost, time)
    }
    const set = (...which: number[]) => members.set(which.map((at) => servers[at].addresses.grpc))
    const idle = () => shard.status().workers.filter(({ state }) => state === 'idle')

    it('gives batches to one that comes once it has passed the check, and none to one that goes', async () => {
      await follow([paymentRisk, paymentRisk, abuseScore])
      set(0)
      await serve()
      set(0, 1, 2)
      await until(() => idle().length === 3)
      await untilWorked('far-1', 'far-2')
      expect(worked()).toEqual([
        ['far-1', true],
        ['far-2', true],
        ['far-3', false],
      ])
      set(1)
      expect(worked().map(([id]) => id)).toEqual(['far-2'])
      const outcomes = await Promise.all(Array.from({ length: 20 }, () => submit()))
      expect(outcomes.filter(([{ error }]) => error !== undefined)).toEqual([])
      expect(lines.filter((line) => line.includes('far-1'))).toEqual([
        `shard far: worker far-1 at ${servers[0].addresses.grpc} is no server of it any more`,
      ])
      // A new one takes the lowest name that is free.
      await until(() => {
        set(1)
        set(1, 0)
        return shard.status().workers[1].id === 'far-1'
      })
      expect(lost.read('presage_workers_lost_total')).toBe(0)
    })

    it('lets a batch finish at a server that is no member any more', async () => {
      await follow([paymentRisk, paymentRisk])
      set(0)
      await serve()
      const release = servers[0].hold()
      const running = submit()
      await until(() => shard.status().workers[0].state === 'busy')
      set(1)
      await until(() => idle().length === 1)
      expect((await submit())[0].error).toBeUndefined()
      release()
      expect((await running)[0].error).toBeUndefined()
      expect(shard.status().workers[0]).toMatchObject({ batches: 1 })
    })

    it('keeps one that goes until another one serves its versions', async () => {
      await follow([paymentRisk, paymentRisk])
      servers[1].setReady(false)
      set(0)
      await serve()
      set(1)
      await until(() => lines.some((line) => line.endsWith('does not serve: it is not ready')))
      for (let round = 0; round < 20; round++) expect((await submit())[0].error).toBeUndefined()
      servers[1].setReady(true)
      await until(() => idle().length === 1)
      await servers[0].close()
      for (let round = 0; round < 20; round++) expect((await submit())[0].error).toBeUndefined()
      expect(worked()).toEqual([['far-2', true]])
      expect(lost.read('presage_workers_lost_total')).toBe(0)
    })

    it('has rows wait while neither servers nor their list can be had, and dials at once', async () => {
      // The shard has rows wait for a second at most, in which the server has to be found and checked.
      const slowly: Clock = {
        now: () => systemClock.now() / 10,
        after: (ms, callback) => systemClock.after(10 * ms, callback),
      }
      await follow([paymentRisk], slowly)
      const proxy = new TcpProxy(Number(servers[0].addresses.grpc.split(':')[1]))
      proxy.port = await freePort()
      await proxy.open()
      members.set([`127.0.0.1:${proxy.port}`])
      await serve()
      proxy.close()
      await until(async () => (await submit())[0].error?.code === 'WORKER_LOST')
      members.problem = 'cut off'
      const waiting = submit(2_000)
      await proxy.open()
      expect((await waiting)[0].error).toBeUndefined()
      proxy.close()
      await until(async () => (await submit(200))[0].error?.code === 'WORKER_LOST')
    })

    it('refuses rows at once where there is none, serves when one comes, and doubts its source at a loss', async () => {
      await follow([paymentRisk, paymentRisk])
      await expect(shard.load(key, paymentRisk)).rejects.toThrow(
        'no server of shard far can serve it: none is known',
      )
      set(0)
      await serve()
      const doubts = members.doubts
      await servers[0].close()
      await until(() => members.doubts > doubts)
      set()
      expect((await submit())[0].error?.code).toBe('WORKER_LOST')
      set(1)
      await until(async () => (await submit())[0].error === undefined)
    })
  })
})
