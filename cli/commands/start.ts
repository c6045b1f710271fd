import { shortPath } from '../../lib/packagePaths'
import type { Address } from '../config/address'
import { adminReport, browserReport } from '../config/adminAddress'
import type { Config } from '../config/config'
import {
  counted,
  loadingText,
  modelsFact,
  rulesFact,
  servedPlaces,
  workersFact,
} from '../deployment/servedReport'
import { type Deployment, startDeployment } from '../deployment/startDeployment'
import { trustReport } from '../deployment/trustReport'
import { staleFiles } from '../process/generatedFile'
import { stopOnSignal } from '../process/stopOnSignal'
import { member } from '../processes/member'
import { tellReady } from '../processes/siblings'
import { operatorLines } from '../terminal/operatorLines'
import { composedFiles } from './compose'

/** Serves until SIGTERM or SIGINT, then finishes the requests in flight and exits with 0. */
export async function start(config: Config, address: Omit<Address, 'host'>): Promise<void> {
  const operator = operatorLines()
  const starting = startDeployment(config, { ...address, log: operator.line })
  stopOnSignal(config.server.grace, async () => (await starting).close())
  const deployment = await starting
  // Of several processes, one says what concerns them all.
  if (member !== undefined && member.place > 1) {
    await deployment.loaded
    return tellReady(deployment.url)
  }

  const stale = staleFiles(composedFiles(config, deployment.graph)).map(({ path }) => shortPath(path))
  if (stale.length > 0) operator.line(`${stale.join(' and ')}: out of date; run npx presage compose`)
  const { host } = config.server
  const trust = trustReport(config, host)
  const { registry } = deployment.serving
  if (operator.isTerminal) {
    await operator.during(deployment.loaded, () => loadingText(registry.list()))
    return operator.line(block(config, deployment, trust))
  }
  for (const line of [...trust, ...adminReport(deployment.adminUrl, host)]) operator.line(line)
  await deployment.loaded
  const versions = registry.list()
  const ready = versions.filter((version) => version.state.is === 'ready').length
  operator.line(`${ready} of ${versions.length} model versions are ready`)
  for (const line of browserReport(config, deployment.url)) operator.line(line)
  if (member === undefined) operator.line(`Presage serves ${deployment.url}`)
  tellReady(deployment.url)
}

function block(config: Config, deployment: Deployment, notes: readonly string[]): string {
  const { graph, rules, serving, url, adminUrl } = deployment
  const { readyBlock }: typeof import('../terminal/readyBlock') = require('../terminal/readyBlock')
  const subgraphs = counted(graph.sources.length, 'subgraph')
  const fields = counted(graph.plan.fields.length, 'prediction field')
  return readyBlock(
    {
      title: 'Presage',
      afterMs: performance.now(),
      places: servedPlaces(config, new URL(url).origin, adminUrl),
      parts: [
        ['Graph', `${subgraphs}, ${fields}`],
        modelsFact(serving.registry.list()),
        rulesFact(rules),
        workersFact(config),
      ],
      notes,
    },
    process.stderr,
  )
}
