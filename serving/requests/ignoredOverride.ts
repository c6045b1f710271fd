import type { ClientRequest } from '../../lib/request/clientRequest'
import type { Decision } from '../../routing/ruleSet/router'
import type { ModelRegistry } from '../repository/modelRegistry'

/** The version that the client asked for, and why it does not answer. */
export interface IgnoredOverride {
  readonly model: string
  readonly why: string
}

/**
 * The override of a decision's objective if it was not taken. It counts for all rows of an objective or for none.
 * `shard` is the one that was asked for by name.
 */
export function ignoredOverride(
  { overrides }: ClientRequest,
  registry: ModelRegistry,
  { objective, reason }: Decision,
  shard: string | undefined,
): IgnoredOverride | undefined {
  const model = overrides?.get(objective)
  if (model === undefined || reason === 'override') return undefined
  const here = shard === undefined ? 'it was not ready' : `it is not placed on shard ${shard}`
  return { model, why: registry.whyNot(objective, model) ?? here }
}
