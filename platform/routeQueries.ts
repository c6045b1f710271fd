import type { SubgraphContext } from '../serving/inputs/subgraphContext'
import type { RouteQuestion } from '../serving/routes/resolveRoute'
import type { PlatformServices } from './services'
import { valuesByName } from './valuesByName'

interface RouteArguments {
  readonly objective: string
  readonly context?: unknown
  readonly inputs?: unknown
  readonly shard?: string | null
}

/** The `Query` field that resolves routes; the same service also has an HTTP path of its own. */
export function routeQueries(services: () => PlatformServices) {
  return {
    resolveRoute: (_: unknown, args: RouteArguments, { request }: SubgraphContext) => {
      const { objective, shard } = args
      const context = valuesByName(args.context, 'context')
      const inputs = valuesByName(args.inputs, 'inputs')
      const question: RouteQuestion = {
        objective,
        ...(context !== undefined && { context }),
        ...(inputs !== undefined && { inputs }),
        ...(shard !== undefined && shard !== null && { shard }),
      }
      return services().resolveRoute(request, question)
    },
  }
}
