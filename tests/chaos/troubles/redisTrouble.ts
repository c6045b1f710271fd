import { cpSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { packageRoot } from '../../../lib/packagePaths'
import { postQuery, readCounter } from '../../support/example'
import { RedisServer } from '../../support/redisServer'
import { until } from '../../support/until'
import { besideClient, inShort, isAllRight } from '../stage/besideClient'
import { everything } from '../stage/questions'
import { SlowProxy } from '../stage/slowProxy'
import type { Stage } from '../stage/stage'
import type { Trouble } from '../trouble'

/** What happens to a Redis that holds rules and the prediction cache. */
export interface RedisEvents {
  readonly title: string
  readonly isShort?: true
  begin(redis: RedisServer, wire: SlowProxy): unknown
  end(redis: RedisServer, wire: SlowProxy): unknown
  /** Of `presage_cache_errors_total`: one of these counts it. */
  readonly reasons: readonly string[]
}

/** Whatever happens to Redis, predictions go on: without their cache, by the rules in effect. */
export function redisTrouble({ title, isShort, begin, end, reasons }: RedisEvents): Trouble {
  return {
    title,
    isShort,
    async cause(stage) {
      const redis = await RedisServer.start()
      stage.atEnd(() => redis.stop())
      const wire = await SlowProxy.start(redis.port)
      stage.atEnd(() => wire.stop())
      const url = `redis://127.0.0.1:${wire.port}`
      const server = await stage.start(({ cache, repositories }) => ({
        rules: {
          file: join(packageRoot, 'examples/streaming/rules.yaml'),
          store: { redis: url, create: true },
        },
        cache: { ...cache, store: { redis: url, timeout: '50ms' } },
        repositories: [cachedRepository(stage), ...repositories.slice(1)],
      }))
      const status = async () => (await postQuery(server.url, '{ ruleStatus { state why } }')).data.ruleStatus
      const metric = (name: string, labels = {}) =>
        readCounter(server.url.replace('/graphql', '/metrics'), name, labels)
      const errors = async () => {
        const counts = await Promise.all(
          reasons.map((reason) => metric('presage_cache_errors_total', { reason })),
        )
        return counts.reduce((sum, count) => sum + count, 0)
      }
      await until(async () => (await status()).state === 'current')
      await besideClient(stage, server, { questions: everything }, async (client) => {
        const before = await errors()
        const tally = await client.during(async () => {
          await begin(redis, wire)
          await until(async () => (await status()).state === 'stale')
          await until(async () => (await errors()) > before)
        })
        stage.saw(`${inShort(tally)}; rules stale: ${(await status()).why}`)
        stage.promise('no request fails', isAllRight(tally), tally)
        const { status: ready } = await fetch(server.url.replace('/graphql', '/health/ready'))
        stage.promise('/health/ready stays 200', ready === 200, ready)
        const after = await client.during(async () => {
          await end(redis, wire)
          await until(async () => (await status()).state === 'current')
          const hits = await metric('presage_cache_hits_total')
          await until(async () => (await metric('presage_cache_hits_total')) > hits)
        })
        stage.saw(`afterwards: ${inShort(after)}`)
        stage.promise('no request fails when it comes back', isAllRight(after), after)
      })
    },
  }
}

/** The example's, with objectives whose answers are kept for so short that they are both read and written all the time. */
function cachedRepository(stage: Stage): string {
  const streaming = join(packageRoot, 'examples/streaming')
  const folder = join(stage.folder, 'cached')
  cpSync(join(streaming, 'objectives'), join(folder, 'objectives'), { recursive: true })
  for (const file of readdirSync(join(folder, 'objectives'))) {
    const path = join(folder, 'objectives', file)
    writeFileSync(path, `${readFileSync(path, 'utf8')}\ncache: { ttl: 1s }\n`)
  }
  symlinkSync(join(streaming, 'models'), join(folder, 'models'))
  return folder
}
