import { type Plan, pinnedBy } from '../../schema/fields/plan'
import type { ModelRegistry } from './modelRegistry'

/**
 * Whether every version that a request may be routed to is ready, and what is missing: the versions that the current
 * rules name (`ruled`) and those that fields pin. A pin without a version needs any version of its model.
 */
export function createReadiness(
  registry: ModelRegistry,
  ruled: () => readonly string[],
  plan: Plan,
): () => { ready: boolean; reasons: readonly string[] } {
  const pinned = pinnedBy(plan.fields)
  return () => {
    const reasons = [...new Set([...ruled(), ...pinned])].flatMap((name) => {
      try {
        registry.find(name, 'platform')
        return []
      } catch (error) {
        return [(error as Error).message]
      }
    })
    return { ready: reasons.length === 0, reasons }
  }
}
