import { createSchemaGateway } from '../../gateway/supergraph/schemaGateway'
import { shortPath } from '../../lib/compiled'
import { LoadError } from '../../lib/errors'
import { loadSubgraphSources, type SubgraphSource } from '../../schema/sdl/subgraphSources'
import type { PredictionRuntime } from '../../serving/requests/predictionRuntime'
import { createPrometheusMetrics } from '../../telemetry/prometheus'
import type { Address } from '../config/address'
import type { Config } from '../config/config'
import { answerBudget } from '../config/limitsConfig'
import { createResolversOf } from '../graph/subgraphResolvers'
import { nodePlace, portOf } from '../rules/openStore'
import { openDoor } from './openDoor'
import { modelActions } from './reloadAction'
import { routeAction, routePath } from './routeAction'
import { createSubgraphRuntime } from './subgraphRuntime'

/** One subgraph that is served by this process, with no gateway. */
export interface ServedSubgraph {
  readonly url: string
  readonly port: number
  /** Of the listener that operators have, where it is another one. */
  readonly adminUrl: string | undefined
  readonly serving: PredictionRuntime
  /** Settles when every version that it may need is ready or refused. */
  readonly loaded: Promise<void>
  /** Finishes what is in flight, then ends server and workers. */
  close(): Promise<void>
}

/**
 * Serves one subgraph of the configuration alone, for a gateway elsewhere. It is checked together with all others. The
 * door opens before the models are loaded. Rejects, with nothing left running, with a LoadError if schemas, objectives or
 * rules are wrong, or the address cannot be had.
 */
export async function startSubgraph(
  config: Config,
  name: string,
  options: Address & { readonly log?: (line: string) => void } = {},
): Promise<ServedSubgraph> {
  const sources = loadSubgraphSources(config.graph.subgraphs)
  const source = findSource(config, sources, name)
  const metrics = createPrometheusMetrics()
  const runtime = await createSubgraphRuntime(config, source, {
    sources,
    createResolvers: (services) => createResolversOf(source, config, services),
    metrics,
    place: nodePlace(config.ruleStore, `subgraph-${name}`, portOf(options.port ?? config.server.port)),
    log: options.log ?? (() => {}),
  })
  try {
    const server = await openDoor(config, options, {
      gateway: createSchemaGateway(runtime.schema, answerBudget(config.limits)),
      // Its clients are gateways, whose operations nobody has registered.
      takesDocuments: false,
      metrics,
      metricsText: metrics.text,
      actions: new Map([[routePath, routeAction(runtime.resolveRoute)]]),
      adminActions: modelActions(config, options, runtime.reload),
      readiness: runtime.readiness,
      maxBodyBytes: config.limits.subgraphBodyBytes,
    })
    let closing: Promise<void> | undefined
    return {
      url: `${server.url}/graphql`,
      port: server.port,
      adminUrl: server.adminUrl,
      serving: runtime.serving,
      // Still in the turn in which the door opened: no request finds a registry without versions.
      loaded: runtime.load(),
      close() {
        closing ??= server.close().finally(() => runtime.dispose())
        return closing
      },
    }
  } catch (error) {
    await runtime.dispose()
    throw error
  }
}

function findSource(config: Config, sources: readonly SubgraphSource[], name: string): SubgraphSource {
  const source = sources.find((one) => one.name === name)
  if (source !== undefined) return source
  const names = sources.map((one) => one.name).join(', ')
  throw new LoadError([
    `subgraph: must be a subgraph of ${shortPath(config.graph.subgraphs)} (${names}), got ${name}`,
  ])
}
