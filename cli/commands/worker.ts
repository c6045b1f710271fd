import { existsSync } from 'node:fs'
import { LoadError } from '../../lib/errors'
import { shortPath } from '../../lib/packagePaths'
import { createPrometheusMetrics } from '../../telemetry/prometheus'
import { adminReport } from '../config/adminAddress'
import type { Config } from '../config/config'
import { loadingText, readyText } from '../deployment/servedReport'
import { stopOnSignal } from '../process/stopOnSignal'
import { outliveStrayRejections } from '../process/strayRejections'
import { operatorLines } from '../terminal/operatorLines'
import { startInference, type WorkerAddress } from '../worker/startInference'

/**
 * Serves the models of a shard, by default the only one, until SIGTERM or SIGINT, then drains and exits with 0. Throws a
 * LoadError if there are several and none is named.
 */
export async function worker(
  config: Config,
  shard = onlyShard(config),
  address: WorkerAddress = {},
): Promise<void> {
  const operator = operatorLines()
  const metrics = createPrometheusMetrics()
  outliveStrayRejections(metrics, config.log)
  const starting = startInference(config, shard, address, operator.line, metrics)
  const graceMs = config.worker.drain + config.server.grace
  const isStopping = stopOnSignal(graceMs, async () => (await starting).close())
  const served = await starting
  const { registry } = served
  for (const line of adminReport(served.adminUrl, address.host ?? config.worker.http.host))
    operator.line(line)
  await operator.during(served.loaded, () => loadingText(registry.list()))
  if (isStopping()) return
  const versions = registry.list()
  for (const line of placementReport(config, shard, versions.length)) operator.line(line)
  operator.line(readyText(versions))
  operator.line(`Presage serves shard ${shard} at ${served.url}/v2 and, over gRPC, at ${served.grpcAddress}`)
}

function onlyShard({ shards }: Config): string {
  const names = Object.keys(shards)
  if (names.length === 1) return names[0]
  throw new LoadError([`--shard: must be given, since the configuration has several (${names.join(', ')})`])
}

/** A rule file that is missing, or that has no placement for the shard, is most likely another one than was meant. */
function placementReport({ rules }: Config, shard: string, versions: number): readonly string[] {
  if (!existsSync(rules)) return [`${shortPath(rules)} is not there, so every version is served`]
  if (versions > 0) return []
  return [
    `warning: ${shortPath(rules)} places no version of the repositories on ${shard}; its placement says which run there`,
  ]
}
