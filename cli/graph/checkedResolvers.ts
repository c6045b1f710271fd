import { isPromise } from 'graphql/jsutils/isPromise'
import { LoadError, show } from '../../lib/errors'
import type { SubgraphResolvers } from '../../serving/fields/subgraphSchema'

/**
 * Returns resolvers as they came, from code without types. Throws a LoadError with every problem if they are not maps by
 * type; what the types hold is checked with the schema. `start` begins each problem.
 */
export function checkedResolvers(
  given: unknown,
  { start, whole }: { start: string; whole: string },
): SubgraphResolvers {
  if (!isMap(given)) throw new LoadError([`${start}: ${whole} resolvers by type, got ${kindOf(given)}`])
  const problems = Object.entries(given).flatMap(([type, fields]) =>
    isMap(fields)
      ? []
      : [`${start}: resolvers of ${type}: must be a map of resolvers by field, got ${kindOf(fields)}`],
  )
  if (problems.length > 0) throw new LoadError(problems)
  return given as SubgraphResolvers
}

function isMap(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !isPromise(value)
}

function kindOf(value: unknown): string {
  return isPromise(value) ? 'a promise' : show(value)
}
