import { systemClock } from '../../lib/clock'
import { ClientTls } from '../../lib/tls/clientTls'
import { RemoteWorker } from '../../workers/remote/remoteWorker'
import type { Config } from '../config/config'
import { openMembers } from '../predictions/openMembers'

/** A server of a remote shard, for a command. */
export type OpenServer =
  | { readonly address: string; readonly worker: RemoteWorker }
  /** It is not ready, or cannot be reached, for this reason. */
  | { readonly address: string; readonly worker?: undefined; readonly reason: string }

/** Opens a connection to each server of a remote shard for as long as `use` runs. `problem` is why they are not known now. */
export async function withServers<A>(
  shard: string,
  settings: Config['shards'][string],
  use: (servers: readonly OpenServer[], problem: string | null) => Promise<A>,
): Promise<A> {
  const source = openMembers(settings.members!, shard, { clock: systemClock, log: () => {} })
  const tls = settings.tls && new ClientTls(settings.tls, `shards.${shard}.tls`, () => {})
  const { protocol = 'http' } = settings
  const open = async (address: string): Promise<OpenServer> => {
    try {
      const options = { address, protocol, tls, clock: systemClock, readyMs: patienceMs }
      return { address, worker: await RemoteWorker.start('command', options) }
    } catch (error) {
      return { address, reason: (error as Error).message }
    }
  }
  try {
    await source.tried
    const servers = await Promise.all(source.addresses.map(open))
    try {
      return await use(servers, source.problem ?? (servers.length === 0 ? 'none is known' : null))
    } finally {
      await Promise.all(servers.map(({ worker }) => worker?.dispose()))
    }
  } finally {
    await source.close()
    tls?.dispose()
  }
}

/** A command asks once. So a server on a machine that stalls for seconds counts as ready. */
const patienceMs = 5_000
