import type { Decision } from '../../routing/ruleSet/router'

/** Rows with the same decision, apart from the bucket. */
export interface DecidedGroup {
  readonly decision: Decision
  /** By member. */
  readonly decisions: Decision[]
  /** The rows, ascending. */
  readonly members: number[]
}

/** Groups rows by their decisions, ignoring buckets. There are few groups, so a linear search is enough. */
export class DecidedGroups {
  readonly groups: DecidedGroup[] = []
  private last: DecidedGroup | undefined

  add(row: number, decision: Decision): void {
    let group = this.last
    if (group === undefined || !goAlike(group.decision, decision)) {
      group = this.groups.find((one) => goAlike(one.decision, decision))
      if (group === undefined) {
        group = { decision, decisions: [], members: [] }
        this.groups.push(group)
      }
      this.last = group
    }
    group.decisions.push(decision)
    group.members.push(row)
  }
}

/** Whether two decisions on one objective differ only in their buckets. */
function goAlike(one: Decision, other: Decision): boolean {
  if (one === other) return true
  return (
    one.model === other.model &&
    one.shard === other.shard &&
    one.reason === other.reason &&
    one.rule === other.rule &&
    one.experiment === other.experiment &&
    one.cell === other.cell &&
    one.flags?.length === other.flags?.length &&
    areSame(one.shadows, other.shadows)
  )
}

function areSame(one: readonly string[] | undefined, other: readonly string[] | undefined): boolean {
  if (one === other) return true
  if (one === undefined || other === undefined || one.length !== other.length) return false
  return one.every((shadow, at) => shadow === other[at])
}
