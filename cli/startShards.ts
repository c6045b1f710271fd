import { createShard, type Shard, type ShardOptions } from '../workers/shard'
import type { Config } from './config'

/** Starts the configured shards, by name. Rejects, with none left running, if one of them cannot be started. */
export async function startShards(
  config: Config['shards'],
  parts: Pick<ShardOptions, 'clock' | 'metrics' | 'log' | 'start'>,
): Promise<ReadonlyMap<string, Shard>> {
  const starts = Object.entries(config).map(([name, { stallAfter, ...shard }]) => {
    return createShard({ name, ...shard, stallAfterMs: stallAfter, ...parts })
  })
  const started = await Promise.allSettled(starts)
  const shards = started.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
  const failure = started.find((one) => one.status === 'rejected')
  if (failure !== undefined) {
    await Promise.all(shards.map((shard) => shard.dispose()))
    throw failure.reason
  }
  return new Map(shards.map((shard) => [shard.name, shard]))
}
