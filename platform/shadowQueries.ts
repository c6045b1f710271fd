import { requireRole } from '../lib/request/roles'
import type { SubgraphContext } from '../serving/inputs/subgraphContext'
import type { OutputComparison, PairComparison } from '../serving/shadow/pairComparison'
import type { PlatformServices } from './services'

/** The `Query` field that compares shadows with the versions that answer. */
export function shadowQueries(services: () => PlatformServices) {
  return {
    shadowComparisons: (
      _: unknown,
      { objective }: { readonly objective?: string | null },
      { request }: SubgraphContext,
    ) => {
      requireRole(request, 'viewer')
      return services()
        .comparisons.list(objective ?? undefined)
        .map(describePair)
    },
  }
}

/** Examples contain what clients sent, so they need a higher role than the figures. */
export const shadowOutput = {
  examples: ({ examples }: OutputComparison, _args: unknown, { request }: SubgraphContext) => {
    requireRole(request, 'researcher')
    return examples
  },
}

function describePair(pair: PairComparison) {
  const failures = Object.entries(pair.failures).map(([outcome, rows]) => ({ outcome, rows }))
  return { ...pair, failures }
}
