import { PresageError } from '../lib/errors'
import type { SubgraphContext } from '../serving/inputs/subgraphContext'
import type { RouteQuestion } from '../serving/routes/resolveRoute'
import type { PlatformServices } from './services'

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
      const question: RouteQuestion = {
        objective,
        ...asMap(args.context, 'context'),
        ...asMap(args.inputs, 'inputs'),
        ...(shard !== undefined && shard !== null && { shard }),
      }
      return services().resolveRoute(request, question)
    },
  }
}

function asMap(value: unknown, name: 'context' | 'inputs'): Partial<RouteQuestion> {
  if (value === undefined || value === null) return {}
  if (typeof value === 'object' && !Array.isArray(value)) return { [name]: value }
  throw new PresageError('BAD_USER_INPUT', `${name}: must be an object of values by name`)
}
