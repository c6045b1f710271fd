import { createLocalExecutor } from '../gateway/localExecutor'
import type { OperationGateway } from '../gateway/operationGateway'
import { createGateway } from '../gateway/presageGateway'
import type { Metrics } from '../lib/metrics'
import { withPredictDirective } from '../schema/predictDirective'
import type { Serving } from '../serving/serving'
import type { SubgraphContext } from '../serving/subgraphContext'
import { buildPredictionSubgraph } from '../serving/subgraphSchema'
import type { Config } from './config'
import type { Graph } from './graph'
import { gatewayLimits } from './limitsConfig'
import type { ResolversBySubgraph } from './subgraphResolvers'

/** The gateway over the deployment's subgraphs, all of which run in this process. */
export function createDeploymentGateway(
  { limits }: Config,
  graph: Graph,
  resolvers: ResolversBySubgraph,
  serving: Serving,
  metrics: Metrics,
): OperationGateway {
  const executors = graph.sources.map((source) => {
    const { name } = source
    const fields = graph.plan.fields.filter((field) => field.subgraph === name)
    const { document } = withPredictDirective(source)
    const schema = buildPredictionSubgraph(document, resolvers.get(name) ?? {}, fields, serving)
    const contextValue = (request: SubgraphContext['request']): SubgraphContext => ({ request })
    return [name, createLocalExecutor(name, schema, contextValue)] as const
  })
  return createGateway({
    supergraphSdl: graph.supergraphSdl,
    executors: new Map(executors),
    limits: gatewayLimits(limits),
    newOperationsPerSecond: limits.newOperations,
    metrics,
  })
}
