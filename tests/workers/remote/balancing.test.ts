import { systemClock } from '../../../lib/clock'
import { callerOf } from '../../../lib/request/caller'
import { metricNames } from '../../../workers/batching/metricNames'
import { createShard, type RemoteServers, type Shard } from '../../../workers/shard'
import { abuseScore, paymentRisk } from '../../contracts/worker'
import { CountedMetrics } from '../../support/countedMetrics'
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
  const releases: (() => void)[] = []

  async function start(options: Partial<RemoteServers> = {}, model = modelOf(512)): Promise<void> {
    servers = await Promise.all([startGraphServer(), startGraphServer()])
    for (const server of servers) server.put(key, paymentRisk)
    lines = []
    metrics = new CountedMetrics()
    shard = await createShard({
      name: 'far',
      kind: 'thread',
      workers: 1,
      remote: { endpoints: servers.map(({ addresses }) => addresses[protocol]), protocol, ...options },
      metrics,
      log: (line) => lines.push(line),
    })
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

  const submit = (deadlineMs = 1_000, signal?: AbortSignal) =>
    shard.submit(key, [[0]], 1, {
      deadline: systemClock.now() + deadlineMs,
      ...(signal && { caller: callerOf(signal) }),
    })
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
    await start()
    const release = hold(servers[0])
    // One of them is held sooner or later.
    while (servers[0].held.waiting === 0) {
      const answer = submit(600)
      await until(() => servers[0].held.waiting === 1 || batchesOf()[1] > 0)
      expect((await answer)[0].error).toBeUndefined()
      if (left() > 0) break
    }
    await until(() => left() === 1)
    expect(metrics.read(metricNames.hedges)).toBe(1)
    release()
  })

  it('gives a server that stands still no more batches than it has, though it has fewer than the other', async () => {
    await start({}, modelOf(1))
    const deadline = () => systemClock.now() + 30_000
    const submitSix = () => shard.submit(key, [[0, 0, 0, 0, 0, 0]], 6, { deadline: deadline() })
    for (let round = 0; round < 30; round++) await submit()
    const release = hold(servers[0])
    const answers = [submitSix()]
    await until(() => servers[0].held.waiting > 0)
    // Longer than anything that the machine does to calls may seem slow.
    await new Promise((resolve) => setTimeout(resolve, 1_000))
    const had = servers[0].held.waiting
    for (let round = 0; round < 10; round++) {
      answers.push(submitSix())
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
    expect(servers[0].held.waiting).toBe(had)
    release()
    await Promise.all(answers)
  })

  it('avoids a server that says how many calls others make', async () => {
    await start()
    servers[0].tellLoad('TEXT cpu_utilization=0.3,rps_fractional=1000000,eps=0')
    servers[1].tellLoad('TEXT cpu_utilization=0.3,rps_fractional=0,eps=0')
    await until(async () => {
      await submit()
      return batchesOf()[0] > 0
    })
    const [before] = batchesOf()
    for (let round = 0; round < 50; round++) await submit()
    expect(batchesOf()[0] - before).toBeLessThan(5)
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
