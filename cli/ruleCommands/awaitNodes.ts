import { setTimeout as delay } from 'node:timers/promises'
import type { NotPrepared } from '../../routing/store/outcomes'
import { readinessFor } from '../../routing/store/readiness'
import type { RuleStore } from '../../routing/store/ruleStore'

/** Waits until all nodes are prepared, one says that it cannot be, or time is up. Returns which are not, if any. */
export async function awaitNodes(
  store: RuleStore,
  number: number,
  until: number,
): Promise<NotPrepared | undefined> {
  for (;;) {
    const lacking = readinessFor(number, await store.leases(), 1)
    const isRefused = lacking?.missing.some(({ problems }) => problems.length > 0) === true
    if (lacking === undefined || isRefused || Date.now() >= until) return lacking
    await delay(100)
  }
}
