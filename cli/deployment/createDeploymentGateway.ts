import { createLocalExecutor } from '../../gateway/local/localExecutor'
import type { OperationGateway } from '../../gateway/operations/operationGateway'
import { createGateway } from '../../gateway/supergraph/presageGateway'
import type { Metrics } from '../../lib/metrics'
import { withPredictDirective } from '../../schema/sdl/predictDirective'
import { buildPredictionSubgraph } from '../../serving/fields/subgraphSchema'
import type { PredictionRuntime } from '../../serving/requests/predictionRuntime'
import type { Config } from '../config/config'
import { gatewayLimits } from '../config/limitsConfig'
import type { Graph } from '../graph/graph'
import type { ResolversBySubgraph } from '../graph/subgraphResolvers'

/** The gateway over the subgraphs that run in this process, and those that it calls over HTTP. */
export function createDeploymentGateway(
  config: Config,
  graph: Graph,
  resolvers: ResolversBySubgraph,
  serving: PredictionRuntime,
  metrics: Metrics,
): OperationGateway {
  const { limits } = config
  const callRemote = graph.sources.some(({ isRemote }) => isRemote) ? remoteCalls(config, serving) : undefined
  const executors = graph.sources.map((source) => {
    const { name } = source
    if (source.isRemote && callRemote !== undefined) return [name, callRemote(name, source.url)] as const
    const fields = graph.plan.fields.filter((field) => field.subgraph === name)
    const { document } = withPredictDirective(source)
    const schema = buildPredictionSubgraph(document, resolvers.get(name) ?? {}, fields, serving)
    return [name, createLocalExecutor(name, schema)] as const
  })
  return createGateway({
    supergraphSdl: graph.supergraphSdl,
    executors: new Map(executors),
    limits: gatewayLimits(limits),
    newOperationsPerSecond: limits.newOperations,
    metrics,
  })
}

/** Loads the modules for HTTP only if a subgraph runs elsewhere. */
function remoteCalls(config: Config, { rules }: PredictionRuntime) {
  const { httpSubgraphs }: typeof import('./httpSubgraphs') = require('./httpSubgraphs')
  return httpSubgraphs(config, config.server.host, () => {
    const current = rules.current()
    return current.number === 0 ? undefined : current
  })
}
