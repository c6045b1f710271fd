import { ServerTls } from '../../lib/tls/serverTls'
import type { Config } from '../config/config'
import { placedLog, withPlaces } from '../config/shards/settingPlaces'

/** The certificate of `worker.tls`, undefined without one. What is wrong with it is told with its place in the file. */
export async function openWorkerTls(
  { file, worker: { tls } }: Pick<Config, 'file' | 'worker'>,
  log: (line: string) => void,
): Promise<ServerTls | undefined> {
  if (tls === undefined) return undefined
  return withPlaces(file, () => new ServerTls(tls, 'worker.tls', placedLog(file, log)))
}
