import { LeafView } from './LeafView'
import type { Way } from './ruleTree'

/** How one rule was tried for a request: whether it matched, and its clauses. */
export interface Trial {
  readonly matched: boolean
  readonly clauses: readonly {
    readonly clause: string
    readonly held: boolean
    readonly wanted: unknown
    readonly got: unknown
  }[]
}

export interface WayProps {
  readonly way: Way
  readonly counts?: ReadonlyMap<string, number>
  /** Of all ways. */
  readonly total: number
  readonly lit?: string
  readonly trial?: Trial
}

/** One rule, or the default, with what answers there. */
export function WayView({ way, counts, total, lit, trial }: WayProps) {
  const isLit = way.leaves.some(({ key }) => key === lit)
  // Of units: what has none has no part in the planned shares.
  const own = way.leaves
    .filter(({ percent }) => percent !== undefined)
    .reduce((sum, { key }) => sum + (counts?.get(key) ?? 0), 0)
  return (
    <li class={isLit ? 'way lit' : 'way'}>
      <div class="condition">
        <strong>{way.rule === '' ? 'default' : way.rule}</strong> <span>{way.condition}</span>
        {trial !== undefined && (
          <span class={trial.matched ? 'state good' : 'state'}>
            {trial.matched ? '✓ matched' : '✗ did not match'}
          </span>
        )}
        {way.experiment !== undefined && <span class="muted">experiment {way.experiment}</span>}
      </div>
      {trial !== undefined && trial.clauses.length > 0 && (
        <ul class="clauses">
          {trial.clauses.map(({ clause, held, wanted, got }) => (
            <li key={clause}>
              <span class={held ? 'state' : 'state muted'}>{held ? '✓ holds' : '✗ does not hold'}</span>{' '}
              <code>{clause}</code>
              {wanted !== null && (
                <>
                  {' '}
                  wants <code>{JSON.stringify(wanted)}</code>, got{' '}
                  <code>{got === null || got === undefined ? 'nothing' : JSON.stringify(got)}</code>
                </>
              )}
            </li>
          ))}
        </ul>
      )}
      <ul class="leaves">
        {way.leaves.map((leaf) => (
          <LeafView
            key={leaf.key}
            leaf={leaf}
            count={counts && (counts.get(leaf.key) ?? 0)}
            total={total}
            ofWay={own}
            isLit={leaf.key === lit}
          />
        ))}
      </ul>
    </li>
  )
}
