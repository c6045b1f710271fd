import { validateSchema } from 'graphql'
import { asLoadError } from '../../federation/supergraph/asLoadError'
import { readSubgraphUrls } from '../../federation/supergraph/subgraphUrls'
import { LoadError } from '../../lib/errors'
import type { SubgraphExecutor } from '../../lib/execution/subgraphExecutor'
import type { OperationGateway } from '../operations/operationGateway'
import { createGateway, type GatewayOptions } from './presageGateway'
import { createReplaceableGateway, type ReplaceableGateway } from './replaceableGateway'

export interface SwappingOptions extends Omit<GatewayOptions, 'executors'> {
  /** Makes the executor of a subgraph. `url` comes from the supergraph, and is empty if that has none. */
  executorFor(name: string, url: string): SubgraphExecutor
}

/** A gateway whose supergraph can be replaced while it serves. */
export interface SwappingGateway extends OperationGateway {
  /** Names of the subgraphs that are served now. */
  readonly subgraphs: readonly string[]
  /**
   * Serves this supergraph from now on. Requests in flight finish on the previous one, with its schema, limits, plans
   * and executors. Executors of subgraphs whose address is unchanged are kept, others disposed. Throws a LoadError, and
   * changes nothing, if the supergraph is invalid or an executor cannot be made.
   */
  swap(supergraphSdl: string): void
}

/** Throws a LoadError as `swap` does. */
export function createSwappingGateway(options: SwappingOptions): SwappingGateway {
  let current = load(options.supergraphSdl)
  const gateway = createReplaceableGateway(current.gateway)

  function load(supergraphSdl: string, previous?: Loaded): Loaded {
    const made: SubgraphExecutor[] = []
    try {
      const urls = urlsOf(supergraphSdl)
      const executors = executorsFor(urls, (name, url) => {
        const known = previous?.urls.get(name) === url ? previous.executors.get(name) : undefined
        if (known !== undefined) return known
        made.push(options.executorFor(name, url))
        return made[made.length - 1]
      })
      const gateway = createGateway({ ...options, supergraphSdl, executors })
      const problems = validateSchema(gateway.apiSchema)
      if (problems.length > 0) throw new LoadError(problems.map(({ message }) => `supergraph: ${message}`))
      return { gateway, supergraphSdl, urls, executors }
    } catch (error) {
      disposeAll(made)
      throw asLoadError(error)
    }
  }

  const swapping = {
    get subgraphs() {
      return [...current.executors.keys()]
    },
    swap(supergraphSdl: string) {
      if (supergraphSdl === current.supergraphSdl) return
      const previous = current
      current = load(supergraphSdl, previous)
      gateway.replace(current.gateway)
      const kept = new Set(current.executors.values())
      disposeAll([...previous.executors.values()].filter((executor) => !kept.has(executor)))
    },
  }
  return Object.defineProperties(gateway, Object.getOwnPropertyDescriptors(swapping)) as ReplaceableGateway &
    typeof swapping
}

interface Loaded {
  readonly gateway: OperationGateway
  readonly supergraphSdl: string
  /** By subgraph, as its executor. */
  readonly urls: ReadonlyMap<string, string>
  readonly executors: ReadonlyMap<string, SubgraphExecutor>
}

function urlsOf(supergraphSdl: string): ReadonlyMap<string, string> {
  const urls = readSubgraphUrls(supergraphSdl)
  if (urls.size > 0) return urls
  throw new LoadError(['supergraph: must be a composed supergraph, got SDL that names no subgraph'])
}

/** Throws a LoadError with the problems of all executors that cannot be made. */
function executorsFor(
  urls: ReadonlyMap<string, string>,
  executorFor: SwappingOptions['executorFor'],
): ReadonlyMap<string, SubgraphExecutor> {
  const executors = new Map<string, SubgraphExecutor>()
  const problems: string[] = []
  for (const [name, url] of urls) {
    try {
      executors.set(name, executorFor(name, url))
    } catch (error) {
      if (!(error instanceof LoadError)) throw error
      problems.push(...error.problems)
    }
  }
  if (problems.length > 0) throw new LoadError(problems)
  return executors
}

/** Executors dispose of themselves once their calls are answered; nobody waits for that. */
function disposeAll(executors: readonly SubgraphExecutor[]): void {
  for (const executor of executors) executor.dispose?.().catch(() => {})
}
