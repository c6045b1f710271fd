import { often } from '../data/poll'
import { useCaller } from '../data/useCaller'
import { useGraph } from '../data/useGraph'
import { Empty } from '../parts/Empty'
import { Problems } from '../parts/Problems'
import type { ShadowComparison } from './comparison'
import { ShadowPair } from './ShadowPair'

const query = `query Shadows($objective: String!, $examples: Boolean!) {
  shadowComparisons(objective: $objective) {
    answered shadow since rows compared failures { outcome rows }
    outputs { output count agreement meanDifference maxDifference meanOverlap
      examples @include(if: $examples) { request inputs answered shadow } }
    shadowLatency { meanMs maxMs } answeredLatency { meanMs maxMs } } }`

export interface ShadowSectionProps {
  readonly objective: string
  /** Those of the rules in effect. */
  readonly shadows: readonly { readonly model: string; readonly percent: number }[]
}

/** How the shadows of an objective compare with what answers. */
export function ShadowSection({ objective, shadows }: ShadowSectionProps) {
  const mayReadRows = useCaller().roles.includes('researcher')
  const { data, problems } = useGraph<{ shadowComparisons: readonly ShadowComparison[] }>(
    query,
    { objective, examples: mayReadRows },
    often,
  )
  const pairs = data?.shadowComparisons ?? []
  return (
    <section class="stack" aria-labelledby="shadows-heading">
      <h2 id="shadows-heading">Shadows</h2>
      <Problems problems={problems} />
      {data !== undefined && pairs.length === 0 && (
        <Empty>
          {shadows.length === 0
            ? `No shadow of ${objective}: add one to its rules to compare a version with those that answer.`
            : 'No row has been sent to a shadow since this process started.'}
        </Empty>
      )}
      {pairs.map((pair) => (
        <ShadowPair key={`${pair.answered} ${pair.shadow}`} pair={pair} mayReadRows={mayReadRows} />
      ))}
    </section>
  )
}
