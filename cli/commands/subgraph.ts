import type { Address } from '../config/address'
import { adminReport } from '../config/adminAddress'
import type { Config } from '../config/config'
import { startSubgraph } from '../deployment/startSubgraph'
import { edgeReport, trustReport } from '../deployment/trustReport'
import { isPlatform } from '../graph/deploymentSources'
import { stopOnSignal } from '../process/stopOnSignal'

/** Serves one subgraph until SIGTERM or SIGINT, then finishes what is in flight and exits with 0. */
export async function subgraph(config: Config, name: string, address: Address): Promise<void> {
  const starting = startSubgraph(config, name, { ...address, log: (line) => console.error(line) })
  stopOnSignal(config.server.grace, async () => (await starting).close())
  const served = await starting
  const report = isPlatform(config, name) ? trustReport : edgeReport
  const host = address.host ?? config.server.host
  for (const line of [...report(config, host), ...adminReport(served.adminUrl, host)]) console.error(line)
  await served.loaded
  const versions = served.serving.registry.list()
  if (versions.length > 0) {
    const ready = versions.filter((version) => version.state.is === 'ready').length
    console.error(`${ready} of ${versions.length} model versions are ready`)
  }
  console.error(`Presage serves ${name} at ${served.url}`)
}
