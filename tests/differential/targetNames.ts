import { apollo, hive } from './foreignTargets'
import type { TargetKind } from './target'
import { alone, foreignSubgraphs, http, local, split } from './targets'

/** Those that must answer as graphql-js does. */
export const ownTargets: readonly TargetKind[] = [local, split, foreignSubgraphs, http, alone]
const all: readonly TargetKind[] = [...ownTargets, apollo, hive]

/** Throws for a name that is none. */
export function targetNamed(name: string): TargetKind {
  const kind = all.find((it) => it.name === name)
  if (kind === undefined) {
    throw new Error(`target: must be one of ${all.map((it) => it.name).join(', ')}, got ${name}`)
  }
  return kind
}
