import { type Clock, systemClock } from '../../../lib/clock'
import { metricNames } from '../../../workers/batching/modelMetrics'
import { RemoteWorker } from '../../../workers/remote/remoteWorker'
import type { Connect } from '../../../workers/remote/serverConnection'
import { createShard, type RemoteServers, type Shard } from '../../../workers/shard'
import { abuseScore, paymentRisk } from '../../contracts/worker'
import { callerOf } from '../../support/callerOf'
import { CountedMetrics } from '../../support/countedMetrics'
import { untilJoined } from '../../support/dialling'
import { FakeClock, settle } from '../../support/fakeClock'
import { freePort } from '../../support/freePort'
import { type GraphServer, startGraphServer } from '../../support/graphServer'
import { paymentRiskModel } from '../../support/paymentRiskModel'
import { until } from '../../support/until'

const key = 'payment-risk@1'

const modelOf = (maxRows: number) => paymentRiskModel(key, maxRows)

describe.each(['grpc', 'http'] as const)('a shard of two servers elsewhere, over %s', (protocol) => {
  let servers: GraphServer[]
  let shard: Shard
  let lines: string[]
  let metrics: CountedMetrics
  let clock: Clock
  const releases: (() => void)[] = []

  async function start(
    options: Partial<RemoteServers> = {},
    model = modelOf(512),
    time: Clock = systemClock,
  ): Promise<void> {
    clock = time
    const onOwnPorts = async () => startGraphServer(await freePort(), undefined, undefined, await freePort())
    servers = await Promise.all([onOwnPorts(), onOwnPorts()])
    for (const server of servers) server.put(key, paymentRisk)
    lines = []
    metrics = new CountedMetrics()
    shard = await createShard({
      name: 'far',
      kind: 'thread',
      workers: 1,
      remote: { endpoints: servers.map(({ addresses }) => addresses[protocol]), protocol, ...options },
      metrics,
      clock,
      log: (line) => lines.push(line),
    })
    await untilJoined(shard, time instanceof FakeClock ? time : undefined)
    await shard.load(key, paymentRisk)
    shard.serve(model)
    await shard.remote?.verify(model, async (run) => {
      await run(model.preprocess([], 1))
    })
  }

  afterEach(async () => {
    for (const release of releases.splice(0)) release()
    await shard.dispose()
    await Promise.all(servers.map((server) => server.close()))
  })

  const submit = (deadlineMs = 30_000, signal?: AbortSignal) =>
    shard.submit(key, [[0]], 1, {
      deadline: clock.now() + deadlineMs,
      ...(signal && { caller: callerOf(signal) }),
    })
  const submitRows = (rows: number) =>
    shard.submit(key, [new Array(rows).fill(0)], rows, { deadline: clock.now() + 30_000 })
  const waiting = () => servers.reduce((sum, { held }) => sum + held.waiting, 0)
  const left = () => servers.reduce((sum, { held }) => sum + held.left, 0)
  const batchesOf = () => shard.status().workers.map(({ batches }) => batches)
  const hold = (server: GraphServer) => {
    const release = server.hold()
    releases.push(release)
    return release
  }
  const holdBoth = () => {
    const both = servers.map(hold)
    return () => {
      for (const release of both) release()
    }
  }
  /** Has rows answered by both servers, in batches that take so long each. */
  const answerIn = async (ms: number, time: FakeClock, rows: number) => {
    const before = waiting()
    const release = holdBoth()
    const answer = submitRows(rows)
    await until(() => waiting() === before + rows)
    time.advance(ms)
    release()
    expect((await answer).every(({ error }) => error === undefined)).toBe(true)
  }

  it('cancels a batch once all of its callers have gone, not before', async () => {
    await start()
    const release = holdBoth()
    const [first, second] = [new AbortController(), new AbortController()]
    const answers = Promise.all([submit(30_000, first.signal), submit(30_000, second.signal)])
    await until(() => waiting() === 1)
    first.abort()
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect(left()).toBe(0)
    second.abort()
    expect((await answers).map(([{ error }]) => error?.code)).toEqual(['CANCELLED', 'CANCELLED'])
    await until(() => left() === 1)
    release()
    expect((await submit())[0].error).toBeUndefined()
  })

  it('cancels nothing at a server that cannot bear it, not even at the deadline', async () => {
    await start({ cancel: 'timeout-only' })
    const release = holdBoth()
    const caller = new AbortController()
    const gone = submit(30_000, caller.signal)
    await until(() => waiting() === 1)
    caller.abort()
    expect((await gone)[0].error?.code).toBe('CANCELLED')
    expect((await submit(100))[0].error?.code).toBe('DEADLINE_EXCEEDED')
    await new Promise((resolve) => setTimeout(resolve, 100))
    expect(left()).toBe(0)
    release()
    await until(() => waiting() === 0)
    expect((await submit())[0].error).toBeUndefined()
  })

  it('sends a late batch to the other one, and cancels the call that comes second', async () => {
    const time = new FakeClock()
    await start({}, modelOf(1), time)
    const release = hold(servers[0])
    // Of two rows that come together, each server gets one.
    const answers = submitRows(2)
    await until(() => waiting() === 1 && batchesOf()[1] === 1)
    time.advance(15_000)
    expect((await answers).map(({ error }) => error)).toEqual([undefined, undefined])
    await until(() => left() === 1)
    expect(metrics.read(metricNames.hedges)).toBe(1)
    release()
  })

  it('sends the batches of a server that answers nothing any more to the other one, without waiting for its time', async () => {
    const time = new FakeClock()
    let isSilent = false
    const connect: Connect = async (id, address) => {
      const worker = await RemoteWorker.start(id, { address, protocol, clock: time })
      const readiness = async () => (isSilent && id === 'far-1' ? 'silent' : 'ready')
      return Object.assign(worker, { readiness })
    }
    await start({ calls: 8, connect }, modelOf(1), time)
    const release = hold(servers[0])
    // Of four rows that come together, each server gets two.
    const answers = submitRows(4)
    await until(() => waiting() === 2 && batchesOf()[1] === 2)
    isSilent = true
    for (let looks = 0; looks < 2; looks++) {
      await settle()
      time.advance(1_000)
    }
    expect((await answers).map(({ error }) => error)).toEqual(Array(4).fill(undefined))
    expect(metrics.read(metricNames.hedges)).toBe(2)
    await until(() => left() === 2)
    release()
  })

  it('gives a server that stands still no more batches than it has, though it has fewer than the other', async () => {
    const time = new FakeClock()
    await start({ calls: 8 }, modelOf(1), time)
    await answerIn(10, time, 6)
    const releaseFirst = hold(servers[0])
    const releaseSecond = hold(servers[1])
    const answers = [submitRows(6)]
    await until(() => waiting() === 6)
    expect(servers.map(({ held }) => held.waiting)).toEqual([3, 3])
    time.advance(10)
    releaseSecond()
    await until(() => batchesOf()[1] === 6)
    time.advance(1_000)
    const releaseAgain = hold(servers[1])
    // The other one takes eight, and the rest waits for it.
    const others = submitRows(20)
    await until(() => servers[1].held.waiting === 8)
    time.advance(10)
    releaseAgain()
    expect((await others).every(({ error }) => error === undefined)).toBe(true)
    expect(servers[0].held.waiting).toBe(3)
    releaseFirst()
    await Promise.all(answers)
  })

  it('avoids a server that says how many calls others make', async () => {
    const time = new FakeClock()
    await start({}, modelOf(1), time)
    servers[0].tellLoad('TEXT cpu_utilization=0.3,rps_fractional=1000000,eps=0')
    servers[1].tellLoad('TEXT cpu_utilization=0.3,rps_fractional=0,eps=0')
    await answerIn(10, time, 2)
    const before = batchesOf()
    for (let round = 0; round < 50; round++) await answerIn(10, time, 1)
    expect(batchesOf()).toEqual([before[0], before[1] + 50])
  })

  it('notices without a batch that a server has begun anew, and checks it again', async () => {
    await start()
    const [old] = servers
    const [grpc, http] = (['grpc', 'http'] as const).map((name) => Number(old.addresses[name].split(':')[1]))
    await old.close()
    servers[0] = await startGraphServer(grpc, undefined, undefined, http)
    servers[0].put(key, abuseScore)
    await until(() =>
      lines.some((line) => /worker far-1 at \S+ gets no more rows: its connection ended/.test(line)),
    )
    await until(() =>
      lines.some((line) => /worker far-1 at \S+ serves without .*its tensors must be/.test(line)),
    )
    expect((await submit())[0].error).toBeUndefined()
  })
})
