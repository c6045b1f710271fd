import { checkedPlan } from '../../federation/checkedPlan'
import type { NormalOperation } from '../../federation/operations/normalOperation'
import { asLoadError } from '../../federation/supergraph/asLoadError'
import { buildPublicSchema } from '../../federation/supergraph/publicSchema'
import { readSupergraph } from '../../federation/supergraph/readSupergraph'
import { LoadError } from '../../lib/errors'
import type { SubgraphExecutor } from '../../lib/execution/subgraphExecutor'
import { LruCache } from '../../lib/lruCache'
import { compilePlan } from '../execution/compilePlan'
import { limitRules } from '../limits/limitRules'
import type { GatewayLimits } from '../limits/limits'
import { cacheBytes, fetchBytes } from '../operations/cacheBytes'
import { literalsKey } from '../operations/literalsInDocument'
import {
  createOperationGateway,
  type OperationGateway,
  type OperationGatewayOptions,
} from '../operations/operationGateway'
import type { Step } from '../run/planRun'

export interface GatewayOptions
  extends Pick<OperationGatewayOptions, 'newOperationsPerSecond' | 'metrics' | 'clock'> {
  readonly supergraphSdl: string
  /** One executor per subgraph of the supergraph, by name. */
  readonly executors: ReadonlyMap<string, SubgraphExecutor>
  readonly limits: GatewayLimits
  /** How many operations stay compiled; 1,000 by default. */
  readonly planCacheSize?: number
}

/** Throws a LoadError if the SDL is not a supergraph or a subgraph has no executor. */
export function createGateway(options: GatewayOptions): OperationGateway {
  const { supergraphSdl, executors, limits, planCacheSize: cacheSize = 1000 } = options
  const { supergraph, schema } = read(supergraphSdl)
  requireExecutors(supergraph.subgraphs, executors)
  const steps = new LruCache<Step>(cacheSize, cacheBytes)

  /** Operations with the same normal form are planned, checked and compiled once. */
  function stepFor(part: NormalOperation): Step {
    const key = `${part.text}${literalsKey(part.variables)}`
    let step = steps.get(key)
    if (step === undefined) {
      const { variables } = part
      step = compilePlan(checkedPlan(part, supergraph), { executors, supergraph, variables })
      steps.set(key, step, key.length * fetchBytes)
    }
    return step
  }

  return createOperationGateway({
    ...options,
    schema,
    isPrediction: supergraph.isPrediction,
    validationRules: limitRules(supergraph, limits),
    maxListLength: limits.listLength,
    listSizes: supergraph.listSizes,
    budget: limits.answer,
    cacheSize,
    stepFor,
    explained: (told, { explain, overrides }) => explain?.extensions(told, overrides),
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
