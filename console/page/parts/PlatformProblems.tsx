import type { Problem } from '../data/problem'
import { Problems } from './Problems'

/** Why the graph does not show its models and rules; where it lacks them altogether, the line that adds them. */
export function PlatformProblems({ problems }: { readonly problems: readonly Problem[] }) {
  const isAbsent = problems.some(
    ({ code, message }) => code === 'GRAPHQL_VALIDATION_FAILED' && message.includes('Cannot query field'),
  )
  if (!isAbsent) return <Problems problems={problems} />
  return (
    <p class="empty">
      This graph does not show its models, objectives and rules. Write <code>platform: true</code> into
      presage.yaml and start it again. Metrics are shown without it, in the overview.
    </p>
  )
}
