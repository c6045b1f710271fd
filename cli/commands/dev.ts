import type { Address } from '../config/address'
import { adminReport } from '../config/adminAddress'
import type { Config } from '../config/config'
import { trustReport } from '../deployment/trustReport'
import { DevDeployment } from '../dev/devDeployment'
import { listenToKeys } from '../dev/keys'
import type { Graph } from '../graph/graph'
import { writeStale } from '../process/generatedFile'
import { stopOnSignal } from '../process/stopOnSignal'
import { composedFiles } from './compose'

/** Serves as `start` does, and follows all files; ends with SIGTERM, SIGINT or `q`. Keeps what `compose` writes up to date. */
export async function dev(file: string, address: Omit<Address, 'host'>): Promise<void> {
  const log = (line: string) => console.error(line)
  const onGraph = (config: Config, graph: Graph) => void writeStale(composedFiles(config, graph))
  const deployment = await DevDeployment.start({ file, address, log, onGraph })
  const { config } = deployment
  stopOnSignal(config.server.grace, () => deployment.close())
  const { host } = config.server
  for (const line of [...trustReport(config, host), ...adminReport(deployment.adminUrl, host)]) log(line)
  await deployment.loaded
  const versions = deployment.versions()
  const ready = versions.filter(({ state }) => state.is === 'ready').length
  log(`${ready} of ${versions.length} model versions are ready`)
  if (config.server.ide) log(`GraphiQL is at ${deployment.pageUrl}`)
  const hasKeys = listenToKeys({ url: () => deployment.pageUrl, reload: () => deployment.reload() })
  if (hasKeys) log('keys: o opens the browser, r reloads, q quits')
  log(`Presage serves ${deployment.url} and follows its files`)
}
