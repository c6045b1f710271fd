import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { openRedisStore } from '../routing/store/redisStore'
import type { RuleStore } from '../routing/store/ruleStore'
import { RedisServer } from '../tests/support/redisServer'
import { writeConfig } from '../tests/support/serverProcess'
import { type BenchServer, startPresage } from './servers'
import { stopped } from './stopped'

/** Serving processes of the example on one Redis, both versions of the rules prepared in all of them and version 1 in effect. */
export interface ActivationNodes {
  readonly servers: readonly BenchServer[]
  /** A store of this process's own on that Redis, as the command line has it. */
  readonly store: RuleStore
  stop(): Promise<void>
}

/** The version of rating-predictor that PREDICT_RATING is sent to by versions 1 and 2 of the rules. */
const predictors = [3, 4]

/** Redis writes every change to disk before it answers. The models of both versions are loaded before this resolves. */
export async function startNodes(count: number): Promise<ActivationNodes> {
  const folder = mkdtempSync(join(tmpdir(), 'presage-bench-activation-'))
  const stops: (() => unknown)[] = [() => rmSync(folder, { recursive: true })]
  const stop = async () => {
    while (stops.length > 0) await stops.pop()?.()
  }
  try {
    const redis = await RedisServer.start()
    stops.push(() => redis.stop())
    const file = join(folder, 'rules.json')
    writeFileSync(file, rulesOf(predictors[0]))
    const configs = Array.from({ length: count }, (_, at) =>
      writeConfig(({ shards }) => ({
        rules: { file, store: { redis: redis.url, create: true }, node: `node-${at + 1}` },
        shards: { main: { ...shards.main, workers: 1 } },
      })),
    )
    for (const config of configs) stops.push(() => rmSync(dirname(config), { recursive: true }))
    const started = await Promise.allSettled(configs.map((config) => startPresage(undefined, config)))
    const servers = started.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
    for (const server of servers) stops.push(() => stopped(server))
    const failure = started.find((one) => one.status === 'rejected')
    if (failure) throw failure.reason
    const store = await openRedisStore({ url: redis.url })
    stops.push(() => store.dispose())
    await store.publish({ text: rulesOf(predictors[1]), author: 'bench', message: '' })
    await arePrepared(store, count)
    return { servers, store, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

async function arePrepared(store: RuleStore, count: number): Promise<void> {
  for (const end = performance.now() + 60_000; performance.now() < end; await wait(50)) {
    const leases = await store.leases()
    const ready = leases.filter(({ prepared }) => prepared.includes(1) && prepared.includes(2))
    if (ready.length === count) return
  }
  throw new Error(
    `${count} nodes must be prepared for both versions, got ${JSON.stringify(await store.leases())}`,
  )
}

function rulesOf(predictor: number): string {
  return JSON.stringify({
    objectives: {
      RECOMMEND_TITLES: { default: 'title-recommender@3' },
      PREDICT_RATING: { default: `rating-predictor@${predictor}` },
      PAYMENT_RISK: { default: 'payment-risk@3' },
      ABUSE_SCORE: { default: 'abuse-score@2' },
      SEARCH_TITLES: { default: 'title-search@2' },
    },
  })
}
