import { Redis } from 'ioredis'
import { freePort } from './freePort'
import { RedisServer } from './redisServer'
import { until } from './until'

/** A Redis Cluster: two primaries, which have the lower and the upper half of the slots, and a replica of the upper one. */
export interface RedisCluster {
  readonly lower: RedisServer
  readonly upper: RedisServer
  /** Kills the upper primary, and has its replica take its place. */
  failOver(): Promise<void>
}

/** Ends with `RedisServer.stopAll`. */
export async function startRedisCluster(): Promise<RedisCluster> {
  // The usual ports between nodes may be taken.
  const buses = [await freePort(), await freePort(), await freePort()]
  const servers: RedisServer[] = []
  for (const bus of buses)
    servers.push(await RedisServer.start(['--cluster-enabled', 'yes', '--cluster-port', String(bus)]))
  const [lower, upper, replica] = servers
  await cluster(lower, 'ADDSLOTSRANGE', 0, 8_191)
  await cluster(upper, 'ADDSLOTSRANGE', 8_192, 16_383)
  for (const at of [0, 1]) await cluster(replica, 'MEET', '127.0.0.1', servers[at].port, buses[at])
  const upperId = String(await cluster(upper, 'MYID'))
  await until(async () => String(await cluster(replica, 'NODES')).includes(upperId))
  await cluster(replica, 'REPLICATE', upperId)
  const isWhole = async (server: RedisServer) => {
    const [nodes, info] = [await cluster(server, 'NODES'), await cluster(server, 'INFO')].map(String)
    const isOk = info.includes('cluster_state:ok') && info.includes('cluster_slots_ok:16384')
    const isLinked = nodes.split(' connected').length === servers.length + 1
    return isOk && isLinked && nodes.includes(`slave ${upperId}`)
  }
  for (const server of servers) await until(() => isWhole(server))
  return {
    lower,
    upper,
    async failOver() {
      await upper.kill()
      await cluster(replica, 'FAILOVER', 'TAKEOVER')
    },
  }
}

async function cluster({ url }: RedisServer, ...words: (string | number)[]): Promise<unknown> {
  const redis = new Redis(url)
  try {
    return await redis.call('CLUSTER', ...words)
  } finally {
    redis.disconnect()
  }
}
