import { Redis } from 'ioredis'
import { postQuery } from '../support/example'
import { load } from '../support/load'
import { runPresage } from '../support/presageCommand'
import { RedisServer } from '../support/redisServer'
import { placedFar, writeRemoteConfig } from '../support/remoteExample'
import { startProcess } from '../support/serverProcess'
import { until } from '../support/until'
import { startWorkerProcess, type WorkerProcess } from '../support/workerProcess'

const next = (n: number) => ({
  query: 'query ($m: ID!) { titles(first: 20) { id predictedRating(memberId: $m) } }',
  variables: { m: String(1 + (n % 671)) },
})

/** What `presage shards status` tells. */
async function shardStatus(
  config: string,
): Promise<{ servers: { address: string; problem: string | null }[] }[]> {
  const { code, out } = await runPresage(['--config', config, 'shards', 'status', '--json'])
  expect(code).toBe(0)
  return JSON.parse(out)
}

afterEach(() => RedisServer.stopAll())

it('workers that register in Redis come and go under load, and Redis with them, which costs no request', async () => {
  const redisServer = await RedisServer.start()
  const members = { redis: { url: redisServer.url } }
  // What counts is that there is an answer, also on a machine that is busy with starting workers.
  const patient = { server: { timeout: 20_000 } }
  const config = writeRemoteConfig(members, placedFar('rating-predictor'), 'http', patient)
  const workers: WorkerProcess[] = []
  const start = async () => workers.push(await startWorkerProcess(config, { shard: 'far' }))
  const server = await startProcess(config)
  const says = (what: string) => server.stderr().includes(what)
  const addressOf = ({ url }: WorkerProcess) => url.slice('http://'.length)
  try {
    expect(server.stderr()).toMatch(/session: no server of shard far can serve it: /)
    expect(await runPresage(['--config', config, 'shards', 'status'])).toMatchObject({
      code: 1,
      out: expect.stringMatching(/^far +none is known$/m),
    })
    await Promise.all([start(), start()])
    const { query, variables } = next(1)
    await until(async () => (await postQuery(server.url, query, variables)).errors === undefined)
    const [{ servers }, ...others] = await shardStatus(config)
    expect(others).toEqual([])
    expect(servers.map(({ address }) => address).sort()).toEqual(workers.map(addressOf).sort())
    for (const one of servers)
      expect(one).toMatchObject({
        problem: null,
        cpu: expect.any(Number),
        queuedRows: 0,
        loaded: expect.arrayContaining(['rating-predictor@4']),
      })

    const troubles = async () => {
      const [first] = workers
      await first.stop('SIGTERM')
      await until(() => says(`at ${addressOf(first)} is no server of it any more`))
      await start()
      await until(() => says(`at ${addressOf(workers[2])} is a server of it now`))
      const redis = new Redis(redisServer.url)
      await redis.flushall()
      await until(async () => (await redis.hlen('presage:{members}:workers:far')) === 2)
      redis.disconnect()
      await redisServer.kill()
      await until(() => says('the 2 last known stay: '))
      // With Redis away, its death is told by its connection alone.
      await workers[1].stop('SIGKILL')
      await redisServer.start()
      await until(() => says('the list of its servers is up to date again'))
    }
    const { answered, failures } = await load(server.url, 2, next, troubles())
    expect(failures).toEqual([])
    expect(answered).toBeGreaterThan(100)
  } finally {
    await server.stop()
    await Promise.all(workers.map((worker) => worker.stop('SIGKILL')))
  }
}, 120_000)
