import type { Problem } from '../data/problem'
import { Problems } from './Problems'

/**
 * Why the graph does not show its models and rules. Where it lacks them altogether: where else they are shown, or the
 * line that adds them.
 */
export function PlatformProblems({ problems }: { readonly problems: readonly Problem[] }) {
  const isAbsent = problems.some(
    ({ code, message }) =>
      code === 'GRAPHQL_VALIDATION_FAILED' && /^Cannot query field "(models|objectives)"/.test(message),
  )
  if (!isAbsent) return <Problems problems={problems} />
  return (
    <p class="empty">
      This graph does not show its models, objectives and rules. If presage.yaml has <code>platform</code>,
      another process serves them: open the console of the gateway, or of{' '}
      <code>presage subgraph platform</code>. Otherwise write <code>platform: true</code> into it and start it
      again. Metrics are shown without it, in the overview.
    </p>
  )
}
