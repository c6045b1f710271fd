import { createPrometheusMetrics } from '../../telemetry/prometheus'
import type { Address } from '../config/address'
import { adminReport, browserReport } from '../config/adminAddress'
import type { Config } from '../config/config'
import { loadingText, modelsFact, readyText, servedPlaces, workersFact } from '../deployment/servedReport'
import { trustReport } from '../deployment/trustReport'
import { DevDeployment } from '../dev/devDeployment'
import { listenToKeys } from '../dev/keys'
import type { Graph } from '../graph/graph'
import { writeStale } from '../process/generatedFile'
import { stopOnSignal } from '../process/stopOnSignal'
import { outliveStrayRejections } from '../process/strayRejections'
import { operatorLines } from '../terminal/operatorLines'
import { composedFiles } from './compose'

/** Serves as `start` does and follows all files, until SIGTERM, SIGINT or `q`; writes what `compose` writes. */
export async function dev(file: string, address: Address): Promise<void> {
  const operator = operatorLines()
  const log = operator.line
  const onGraph = (config: Config, graph: Graph) => void writeStale(composedFiles(config, graph))
  const metrics = createPrometheusMetrics()
  // Whatever the configuration says, which is read later and may have mistakes.
  outliveStrayRejections(metrics, { level: 'error' })
  const deployment = await DevDeployment.start({ file, address, metrics, log, onGraph })
  const { config } = deployment
  const isStopping = stopOnSignal(config.server.grace, () => deployment.close())
  const { host } = config.server
  const trust = trustReport(config, host)
  if (operator.isTerminal) {
    await operator.during(deployment.loaded, () => loadingText(deployment.versions()))
    if (isStopping()) return
    return operator.ready({
      title: 'Presage dev',
      places: servedPlaces(config, new URL(deployment.url).origin, deployment.adminUrl),
      parts: [modelsFact(deployment.versions()), workersFact(config)],
      notes: [...trust, 'Changes to its files take effect when they are saved.', ...keys(deployment)],
    })
  }
  for (const line of [...trust, ...adminReport(deployment.adminUrl, host)]) log(line)
  await deployment.loaded
  if (isStopping()) return
  log(readyText(deployment.versions()))
  for (const line of [...browserReport(config, deployment.url), ...keys(deployment)]) log(line)
  log(`Presage serves ${deployment.url} and watches its files`)
}

/** Listens for key presses, if there is a terminal, and returns lines that say what the keys do. */
function keys(deployment: DevDeployment): readonly string[] {
  const hasKeys = listenToKeys({ url: () => deployment.pageUrl, reload: () => deployment.reload() })
  return hasKeys ? ['keys: o opens the browser, r reloads, q quits'] : []
}
