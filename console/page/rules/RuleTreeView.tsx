import type { RuleTree } from './ruleTree'
import { type Trial, WayView } from './WayView'

export interface RuleTreeProps {
  readonly objective: string
  readonly tree: RuleTree
  /** Decisions that ended at each leaf, by its key. */
  readonly counts?: ReadonlyMap<string, number>
  /** The key of the leaf where one decision ended. */
  readonly lit?: string
  /** By rule, how its trial went. */
  readonly trials?: ReadonlyMap<string, Trial>
}

/** The rules of an objective, drawn: from the objective over its rules, in their order, to versions. */
export function RuleTreeView({ objective, tree, counts, lit, trials }: RuleTreeProps) {
  const total = counts && [...counts.values()].reduce((sum, count) => sum + count, 0)
  return (
    <div class="tree">
      <p class="root">{objective}</p>
      <ol aria-label={`Rules of ${objective}, in their order`}>
        {tree.ways.map((way) => (
          <WayView
            key={way.rule}
            way={way}
            counts={counts}
            total={total ?? 0}
            lit={lit}
            trial={trials?.get(way.rule)}
          />
        ))}
      </ol>
      {tree.shadows.length > 0 && (
        <p>
          Shadows:{' '}
          {tree.shadows.map(({ model, percent }) => `${model} for ${percent} % of the units`).join(', ')}
        </p>
      )}
      {tree.fallbacks.length > 0 && (
        <p>If the chosen version cannot answer: {tree.fallbacks.join(', then ')}</p>
      )}
    </div>
  )
}
