import { createPrometheusMetrics } from '../../telemetry/prometheus'
import type { Address } from '../config/address'
import { adminReport } from '../config/adminAddress'
import type { Config } from '../config/config'
import { loadingText, modelsFact, readyText, servedPlaces, workersFact } from '../deployment/servedReport'
import { startSubgraph } from '../deployment/startSubgraph'
import { edgeReport, trustReport } from '../deployment/trustReport'
import { isPlatform } from '../graph/deploymentSources'
import { stopOnSignal } from '../process/stopOnSignal'
import { outliveStrayRejections } from '../process/strayRejections'
import { operatorLines } from '../terminal/operatorLines'

/** Serves one subgraph until SIGTERM or SIGINT, then finishes the requests in flight and exits with 0. */
export async function subgraph(config: Config, name: string, address: Address): Promise<void> {
  const operator = operatorLines()
  const metrics = createPrometheusMetrics()
  outliveStrayRejections(metrics, config.log)
  const starting = startSubgraph(config, name, { ...address, metrics, log: operator.line })
  const isStopping = stopOnSignal(config.server.grace, async () => (await starting).close())
  const served = await starting
  const report = isPlatform(config, name) ? trustReport : edgeReport
  const host = address.host ?? config.server.host
  const { registry } = served.serving
  if (operator.isTerminal) {
    await operator.during(served.loaded, () => loadingText(registry.list()))
    if (isStopping()) return
    return operator.ready({
      title: `Presage, subgraph ${name}`,
      places: servedPlaces({ server: config.server }, new URL(served.url).origin, served.adminUrl),
      parts: [modelsFact(registry.list()), workersFact(config)],
      notes: report(config, host),
    })
  }
  for (const line of [...report(config, host), ...adminReport(served.adminUrl, host)]) operator.line(line)
  await served.loaded
  if (isStopping()) return
  const versions = registry.list()
  if (versions.length > 0) operator.line(readyText(versions))
  operator.line(`Presage serves ${name} at ${served.url}`)
}
