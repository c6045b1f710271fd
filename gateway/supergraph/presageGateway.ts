import { asLoadError } from '../../federation/supergraph/asLoadError'
import { buildPublicSchema } from '../../federation/supergraph/publicSchema'
import { readSupergraph } from '../../federation/supergraph/readSupergraph'
import { LoadError } from '../../lib/errors'
import type { SubgraphExecutor } from '../../lib/execution/subgraphExecutor'
import { PlannedSteps } from '../execution/plannedSteps'
import { limitRules } from '../limits/limitRules'
import type { GatewayLimits } from '../limits/limits'
import {
  createOperationGateway,
  type OperationGateway,
  type OperationGatewayOptions,
} from '../operations/operationGateway'

export interface GatewayOptions
  extends Pick<OperationGatewayOptions, 'newOperationsPerSecond' | 'metrics' | 'clock'> {
  /** The SDL of a composed supergraph. */
  readonly supergraphSdl: string
  /** One executor per subgraph of the supergraph, by name. */
  readonly executors: ReadonlyMap<string, SubgraphExecutor>
  readonly limits: GatewayLimits
  /** How many operations stay compiled; 1,000 by default. */
  readonly planCacheSize?: number
}

/**
 * A gateway over the subgraphs of a supergraph. Throws a LoadError if the SDL is not a supergraph or a subgraph has no
 * executor.
 */
export function createGateway(options: GatewayOptions): OperationGateway {
  const { supergraphSdl, executors, limits, planCacheSize: cacheSize } = options
  const { supergraph, schema } = read(supergraphSdl)
  requireExecutors(supergraph.subgraphs, executors)
  const steps = new PlannedSteps({ executors, supergraph }, cacheSize)
  return createOperationGateway({
    ...options,
    schema,
    isPrediction: supergraph.isPrediction,
    validationRules: limitRules(supergraph, limits),
    maxListLength: limits.listLength,
    listSizes: supergraph.listSizes,
    budget: limits.answer,
    cacheSize,
    stepFor: (part) => steps.stepFor(part),
    explained: (explain, { overrides }) => ({ presage: explain.report(overrides) }),
    async stop() {
      await Promise.all([...executors.values()].map((subgraph) => subgraph.dispose?.()))
    },
  })
}

function read(supergraphSdl: string) {
  try {
    return { supergraph: readSupergraph(supergraphSdl), schema: buildPublicSchema(supergraphSdl) }
  } catch (error) {
    throw asLoadError(error)
  }
}

function requireExecutors(
  subgraphs: readonly string[],
  executors: ReadonlyMap<string, SubgraphExecutor>,
): void {
  const known = [...executors.keys()].join(', ') || 'none'
  const problems = subgraphs
    .filter((name) => !executors.has(name))
    .map((name) => `supergraph: subgraph ${name} must have an executor, got ${known}`)
  if (problems.length > 0) throw new LoadError(problems)
}
