import { createShard, type Shard } from '../../../workers/shard'
import { paymentRisk } from '../../contracts/worker'
import { untilJoined } from '../../support/dialling'
import { FakeClock } from '../../support/fakeClock'
import { type GraphServer, startGraphServer } from '../../support/graphServer'
import { paymentRiskModel } from '../../support/paymentRiskModel'
import { SetMembers } from '../../support/setMembers'
import { until } from '../../support/until'

// So many that no server is left without one, whatever ports they get.
const keys = Array.from({ length: 40 }, (_, at) => `payment-risk@${at + 1}`)

describe('a shard whose versions have one copy each', () => {
  let servers: GraphServer[]
  // The shard's: on a slow machine, a server that is asked whether it is ready may be late, and would lose its versions.
  let clock: FakeClock
  let shard: Shard
  let members: SetMembers
  let lines: string[]
  /** By version, the places of the servers that it was loaded into. */
  let loads: Map<string, number[]>

  async function open(count: number, hasVersion = (_key: string, _server: number) => true): Promise<void> {
    clock = new FakeClock()
    lines = []
    loads = new Map(keys.map((key) => [key, []]))
    servers = await Promise.all(
      Array.from({ length: count }, (_, at) =>
        startGraphServer(0, (key) => {
          loads.get(key)?.push(at)
        }),
      ),
    )
    for (const [at, server] of servers.entries())
      for (const key of keys) if (hasVersion(key, at)) server.put(key, paymentRisk)
    members = new SetMembers()
    members.set(servers.map(({ addresses }) => addresses.http))
    shard = await createShard({
      name: 'far',
      kind: 'thread',
      workers: 1,
      remote: {
        endpoints: members,
        protocol: 'http',
        copies: 1,
        calls: 1,
      },
      clock,
      log: (line) => lines.push(line),
    })
    await untilJoined(shard, clock)
    for (const key of keys) {
      await shard.load(key, paymentRisk)
      shard.serve(paymentRiskModel(key))
      await shard.remote?.verify(paymentRiskModel(key), async (run) => {
        const { probability } = await run(paymentRiskModel(key).preprocess([], 1))
        expect(Number(probability.data[0])).toBeCloseTo(0.645029, 5)
      })
    }
  }

  afterEach(async () => {
    await shard.dispose()
    await Promise.all(servers.map((server) => server.close()))
  })

  /** Waits for what may take time of the shard's clock, such as to dial again. */
  const later = (isSo: () => boolean | Promise<boolean>) =>
    until(() => {
      clock.advance(100)
      return isSo()
    })
  const submit = (key: string, rows = 1) =>
    shard.submit(key, [new Array(rows).fill(0)], rows, { deadline: Number.POSITIVE_INFINITY })
  const failed = async (key: string) => (await submit(key))[0].error?.message

  it('loads each version into one server, and every server has some', async () => {
    await open(3)
    expect([...loads.values()].map(({ length }) => length)).toEqual(keys.map(() => 1))
    expect(new Set([...loads.values()].flat())).toEqual(new Set([0, 1, 2]))
    for (const key of keys) expect(await failed(key)).toBeUndefined()
  })

  it('moves the versions of a lost server, and no others; rows wait for them', async () => {
    await open(3)
    const moved = keys.filter((key) => loads.get(key)![0] === 0)
    await servers[0].close()
    await later(() => lines.some((line) => line.includes('gets no more rows')))
    for (const key of keys) expect(await failed(key)).toBeUndefined()
    for (const key of keys) expect(loads.get(key)).toHaveLength(moved.includes(key) ? 2 : 1)
  })

  it('moves the versions of a server that is no member any more, and some to one that comes', async () => {
    await open(3)
    const all = members.addresses
    const moved = keys.filter((key) => loads.get(key)![0] === 0)
    members.set(all.slice(1))
    for (const key of keys) expect(await failed(key)).toBeUndefined()
    // Meanwhile it still answers for them.
    await until(() => moved.every((key) => loads.get(key)!.length === 2))
    for (const key of keys) expect(loads.get(key)).toHaveLength(moved.includes(key) ? 2 : 1)
    members.set(all)
    const rowsOfLast = () => shard.status().workers.at(-1)!.rows
    await later(async () => {
      for (const key of moved) expect(await failed(key)).toBeUndefined()
      return moved.length === 0 || rowsOfLast() > 0
    })
  })

  it('asks the next server where one does not have a version', async () => {
    // Each has a third of the versions.
    await open(3, (key, server) => keys.indexOf(key) % 3 === server)
    for (const key of keys) expect(await failed(key)).toBeUndefined()
    for (const [at, key] of keys.entries()) expect(loads.get(key)?.at(-1)).toBe(at % 3)
  })

  it('gives a version another copy while its rows have to wait', async () => {
    await open(2)
    const [hot, cold] = keys
    const isHeld = () => lines.some((line) => line.includes(`holds ${hot} too, since its rows waited`))
    // So many clients that some always wait.
    const client = async () => {
      while (!isHeld()) expect((await submit(hot, 512))[0].error).toBeUndefined()
    }
    const clients = Promise.all(Array.from({ length: 90 }, client))
    await later(() => loads.get(hot)!.length > 1)
    await clients
    expect(loads.get(hot)).toHaveLength(2)
    expect(loads.get(cold)).toHaveLength(1)
  })
})
