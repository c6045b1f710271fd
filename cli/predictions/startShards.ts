import { systemClock } from '../../lib/clock'
import { createShard, type Shard, type ShardOptions } from '../../workers/shard'
import type { Config } from '../config/config'
import { openMembers } from './openMembers'

export type Shards = ReadonlyMap<string, Shard>

/** Starts the configured shards. Rejects, with none left running, if one of them cannot be started. */
export async function startShards(
  config: Config['shards'],
  parts: Pick<ShardOptions, 'clock' | 'metrics' | 'log' | 'start' | 'loadsOften'>,
): Promise<Shards> {
  const starts = Object.entries(config).map(
    async ([name, { stallAfter, memory, members, protocol, tls, calls, copies, cancel, ...shard }]) => {
      const { clock = systemClock, log = () => {} } = parts
      const source = members && openMembers(members, name, { clock, log })
      const remote = source && { endpoints: source, protocol, tls, calls, copies, cancel }
      return createShard({
        name,
        ...shard,
        remote,
        onDemand: startsOnDemand(shard),
        stallAfterMs: stallAfter,
        memoryBytes: memory,
        ...parts,
      }).catch(async (error) => {
        await source?.close()
        throw error
      })
    },
  )
  const started = await Promise.allSettled(starts)
  const shards = started.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
  const failure = started.find((one) => one.status === 'rejected')
  if (failure !== undefined) {
    await Promise.all(shards.map((shard) => shard.dispose()))
    throw failure.reason
  }
  return new Map(shards.map((shard) => [shard.name, shard]))
}

/** This thread makes short runs itself, so such a shard may never need more than one of its threads. */
export function startsOnDemand({ kind, inline }: Pick<ShardOptions, 'kind' | 'inline'>): boolean {
  return kind === 'thread' && inline === 'auto'
}

/** Runs `read` while the workers start on other cores. Rejects with what it throws, once the shards have ended. */
export async function readMeanwhile<T>(starting: Promise<Shards>, read: () => Promise<T> | T): Promise<T> {
  // A failure is reported to those who await the promise later; it must not count as unhandled until then.
  starting.catch(() => {})
  try {
    return await read()
  } catch (error) {
    const shards = await starting.catch(() => new Map<string, Shard>())
    await Promise.all([...shards.values()].map((shard) => shard.dispose()))
    throw error
  }
}
