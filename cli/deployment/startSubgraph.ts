import { createSchemaGateway } from '../../gateway/supergraph/schemaGateway'
import { LoadError } from '../../lib/errors'
import { notOneOf } from '../../lib/files/nearMiss'
import { shortPath } from '../../lib/packagePaths'
import type { SubgraphSource } from '../../schema/sdl/subgraphSources'
import type { PrometheusMetrics } from '../../telemetry/prometheus'
import type { Address } from '../config/address'
import type { Config } from '../config/config'
import { answerBudget } from '../config/limitsConfig'
import { isPlatform, loadDeploymentSources } from '../graph/deploymentSources'
import { createResolversOf } from '../graph/subgraphResolvers'
import { nodePlace } from '../rules/openStore'
import { type Served, serveRuntime } from './serveRuntime'
import { createSubgraphRuntime } from './subgraphRuntime'

/**
 * Serves one subgraph of the configuration on its own, for a gateway elsewhere. All subgraphs are checked together,
 * except for what depends on the resolvers of others. The HTTP server opens before the models are loaded. Rejects, with nothing left running, with a LoadError if schemas,
 * objectives or rules are wrong, or the address is not available.
 */
export async function startSubgraph(
  config: Config,
  name: string,
  options: Address & { readonly metrics: PrometheusMetrics; readonly log: (line: string) => void },
): Promise<Served> {
  const sources = loadDeploymentSources(config)
  const source = findSource(config, sources, name)
  const { metrics } = options
  const runtime = await createSubgraphRuntime(config, source, {
    sources,
    createResolvers: (services) => createResolversOf(source, config, services),
    metrics,
    place: nodePlace(config.ruleStore, `subgraph-${name}`, options.port ?? config.server.port),
    log: options.log,
  })
  return serveRuntime(config, options, runtime, () => ({
    gateway: createSchemaGateway(runtime.schema, answerBudget(config.limits)),
    isBehindGateways: true,
    metrics,
    predictsElsewhere: isPlatform(config, name) ? 'platform' : undefined,
    maxBodyBytes: config.limits.subgraphBodyBytes,
  }))
}

function findSource(config: Config, sources: readonly SubgraphSource[], name: string): SubgraphSource {
  const source = sources.find((one) => one.name === name)
  if (source?.isRemote)
    throw new LoadError([`subgraph: must be one that runs here, got ${name}, which runs at ${source.url}`])
  if (source !== undefined) return source
  const mustBe = `subgraph: must be a subgraph of ${shortPath(config.graph.subgraphs)}`
  const names = sources.map((one) => one.name)
  throw new LoadError([notOneOf(mustBe, name, names)])
}
