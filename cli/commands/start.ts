import { counted } from '../../lib/errors'
import { shortPath } from '../../lib/packagePaths'
import { createPrometheusMetrics } from '../../telemetry/prometheus'
import type { Address } from '../config/address'
import { adminReport, browserReport } from '../config/adminAddress'
import type { Config } from '../config/config'
import {
  loadingText,
  modelsFact,
  readyText,
  rulesFact,
  servedPlaces,
  workersFact,
} from '../deployment/servedReport'
import { startDeployment } from '../deployment/startDeployment'
import { trustReport } from '../deployment/trustReport'
import { staleFiles } from '../process/generatedFile'
import { stopOnSignal } from '../process/stopOnSignal'
import { outliveStrayRejections } from '../process/strayRejections'
import { member } from '../processes/member'
import { tellReady } from '../processes/siblings'
import { operatorLines } from '../terminal/operatorLines'
import { composedFiles } from './compose'

/** Serves until SIGTERM or SIGINT, then finishes the requests in flight and exits with 0. */
export async function start(config: Config, address: Omit<Address, 'host'>): Promise<void> {
  const operator = operatorLines()
  const metrics = createPrometheusMetrics()
  outliveStrayRejections(metrics, config.log)
  const starting = startDeployment(config, { ...address, metrics, log: operator.line })
  const isStopping = stopOnSignal(config.server.grace, async () => (await starting).close())
  const { graph, rules, serving, loaded, url, adminUrl } = await starting
  // Of several processes, one says what concerns them all.
  if (member !== undefined && member.place > 1) {
    await loaded
    return isStopping() ? undefined : tellReady(url)
  }

  const stale = staleFiles(composedFiles(config, graph)).map(({ path }) => shortPath(path))
  if (stale.length > 0) operator.line(`${stale.join(' and ')}: out of date; run npx presage compose`)
  const { host } = config.server
  const trust = trustReport(config, host)
  const { registry } = serving
  if (operator.isTerminal) {
    await operator.during(loaded, () => loadingText(registry.list()))
    if (isStopping()) return
    const subgraphs = counted(graph.sources.length, 'subgraph')
    const fields = counted(graph.plan.fields.length, 'prediction field')
    return operator.ready({
      title: 'Presage',
      places: servedPlaces(config, new URL(url).origin, adminUrl),
      parts: [
        ['Graph', `${subgraphs}, ${fields}`],
        modelsFact(registry.list()),
        rulesFact(rules),
        workersFact(config),
      ],
      notes: trust,
    })
  }
  for (const line of [...trust, ...adminReport(adminUrl, host)]) operator.line(line)
  await loaded
  if (isStopping()) return
  operator.line(readyText(registry.list()))
  for (const line of browserReport(config, url)) operator.line(line)
  if (member === undefined) operator.line(`Presage serves ${url}`)
  tellReady(url)
}
