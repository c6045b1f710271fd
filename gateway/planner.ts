import type { QueryPlan } from '@graphql-hive/router-query-planner'
import { LoadError, PresageError } from '../lib/errors'
import { tooDeep } from './tooDeep'

/** Plans operations over one supergraph. */
export interface Planner {
  /** The schema that clients may query, as SDL; it holds introspection types and directives of federation. */
  readonly consumerSchema: string
  /**
   * `text` must be valid against the supergraph. Throws BAD_REQUEST where it nests deeper than the planner reads, or holds
   * a literal that it does not read, such as 1e999.
   */
  plan(text: string, operationName: string | undefined): QueryPlan
}

type Binding = Pick<typeof import('@graphql-hive/router-query-planner'), 'QueryPlanner'>

/** Throws a LoadError where the planner's binary does not run on this platform, or the supergraph is not one. */
export function createPlanner(supergraphSdl: string, load: () => Binding = loadBinding): Planner {
  const { QueryPlanner } = loadOrExplain(load)
  const planner = construct(() => new QueryPlanner(supergraphSdl))
  return {
    consumerSchema: planner.consumerSchema,
    // Labels and a percentage choose between @override variants, which Presage does not offer: none, and 0.
    plan: (text, operationName) => explain(() => planner.plan(text, operationName, new Set(), 0)),
  }
}

function loadBinding(): Binding {
  return require('@graphql-hive/router-query-planner')
}

function loadOrExplain(load: () => Binding): Binding {
  try {
    return load()
  } catch {
    throw new LoadError([
      `gateway: the query planner has binaries for glibc Linux and macOS only (x64, arm64), got ${process.platform} ${process.arch}`,
    ])
  }
}

function construct<T>(make: () => T): T {
  try {
    return make()
  } catch (error) {
    throw new LoadError([`supergraph: must be a composed supergraph, got: ${String(error)}`])
  }
}

/** The planner's parser stops about 50 levels down, selections and values counted alike, and at numbers that are none. */
function explain<T>(plan: () => T): T {
  try {
    return plan()
  } catch (error) {
    const text = String(error)
    if (text.includes('Recursion limit exceeded')) throw tooDeep()
    const reason = /Failed to parse query: .*\n(.*)/.exec(text)?.[1]
    if (reason === undefined) throw error
    throw new PresageError('BAD_REQUEST', `operation: must be one that the planner reads, got: ${reason}`)
  }
}
