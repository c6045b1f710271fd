import { shortPath } from '../../lib/packagePaths'
import type { Address } from '../config/address'
import { adminReport } from '../config/adminAddress'
import type { Config } from '../config/config'
import { startDeployment } from '../deployment/startDeployment'
import { trustReport } from '../deployment/trustReport'
import { staleFiles } from '../process/generatedFile'
import { stopOnSignal } from '../process/stopOnSignal'
import { composedFiles } from './compose'

/** Serves until SIGTERM or SIGINT, then finishes what is in flight and exits with 0. */
export async function start(config: Config, address: Omit<Address, 'host'>): Promise<void> {
  const starting = startDeployment(config, { ...address, log: (line) => console.error(line) })
  stopOnSignal(config.server.grace, async () => (await starting).close())
  const deployment = await starting

  const stale = staleFiles(composedFiles(config, deployment.graph)).map(({ path }) => shortPath(path))
  if (stale.length > 0) {
    console.error(`${stale.join(' and ')}: out of date; run npx presage compose`)
  }
  const { host } = config.server
  for (const line of [...trustReport(config, host), ...adminReport(deployment.adminUrl, host)])
    console.error(line)
  await deployment.loaded
  const versions = deployment.serving.registry.list()
  const ready = versions.filter((version) => version.state.is === 'ready').length
  console.error(`${ready} of ${versions.length} model versions are ready`)
  console.error(`Presage serves ${deployment.url}`)
}
