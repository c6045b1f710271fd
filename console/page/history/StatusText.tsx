import type { RuleStatus } from '../data/useRuleStatus'
import { formatDate } from '../parts/format'

/** Which version is active, and whether the process that answers runs it. */
export function StatusText({ status }: { readonly status: RuleStatus }) {
  const { active, inEffect, state, why, store } = status
  return (
    <p>
      {active === null
        ? 'No version is active. '
        : `Version ${active.number} is active, by ${active.by} (${active.kind}) since ${formatDate(active.time)}. `}
      This process runs version {inEffect} and is {state}
      {why !== null && `: ${why}`}. Versions are kept in {stores[store] ?? store}.
    </p>
  )
}

const stores: Readonly<Record<string, string>> = { file: 'a folder', redis: 'Redis' }
