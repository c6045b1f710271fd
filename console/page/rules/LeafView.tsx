import { linkTo } from '../data/place'
import { formatCount, formatPercent } from '../parts/format'
import type { Leaf } from './ruleTree'
import { ShareBar } from './ShareBar'

export interface LeafProps {
  readonly leaf: Leaf
  readonly count?: number
  /** Of all ways. */
  readonly total: number
  readonly ofWay: number
  readonly isLit: boolean
}

/** A version at the end of a way, with what it should get and what it got. */
export function LeafView({ leaf, count, total, ofWay, isLit }: LeafProps) {
  const share = count === undefined || total === 0 ? undefined : count / total
  const live =
    leaf.percent !== undefined && count !== undefined && ofWay > 0 && `${formatPercent(count / ofWay)} live`
  return (
    <li class={isLit ? 'leaf lit' : 'leaf'} aria-current={isLit ? 'true' : undefined}>
      <a href={linkTo('models', leaf.model)}>{leaf.model}</a>
      <span class="muted">
        {[leaf.how, leaf.percent !== undefined && `${leaf.percent} % planned`, live]
          .filter(Boolean)
          .join(', ')}
      </span>
      {isLit && <span class="state good">chosen</span>}
      {count !== undefined && (
        <>
          <ShareBar share={share ?? 0} />
          <span class="number">
            {share === undefined ? 'no decision yet' : `${formatPercent(share)} (${formatCount(count)})`}
          </span>
        </>
      )}
    </li>
  )
}
