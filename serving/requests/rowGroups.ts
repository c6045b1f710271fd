import type { PresageError } from '../../lib/errors'
import { addTo } from '../../lib/groups'
import type { ExplainFacts } from '../../lib/request/explain'
import type { Decision } from '../../routing/ruleSet/router'
import type { Prediction } from '../calls/modelCalls'

/** Rows with the same decision, apart from the bucket. */
export interface DecidedGroup {
  readonly decision: Decision
  /** By member. */
  readonly decisions: Decision[]
  /** The rows, ascending. */
  readonly members: number[]
}

/** Groups rows by their decisions, ignoring buckets. A rule leads to few groups, but there may be thousands of rules. */
export class DecidedGroups {
  readonly groups: DecidedGroup[] = []
  private readonly byRule = new Map<string | undefined, DecidedGroup[]>()
  private last: DecidedGroup | undefined

  add(row: number, decision: Decision): void {
    let group = this.last
    if (group === undefined || !goAlike(group.decision, decision)) {
      group = this.byRule.get(decision.rule)?.find((one) => goAlike(one.decision, decision))
      if (group === undefined) {
        group = { decision, decisions: [], members: [] }
        this.groups.push(group)
        addTo(this.byRule, decision.rule, group)
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

/** Some rows of a prediction that are predicted separately. */
export interface PredictionPart {
  /** Ascending. */
  readonly members: readonly number[]
  predict(): Promise<Prediction>
}

/** Joins the predictions of all parts. If a part fails, only its rows get the error. */
export async function joinParts(
  parts: readonly PredictionPart[],
  rows: number,
  wanted: readonly string[],
): Promise<Prediction> {
  const errors: (PresageError | undefined)[] = new Array(rows).fill(undefined)
  const outputs = Object.fromEntries(wanted.map((name) => [name, new Array<unknown>(rows).fill(null)]))
  let facts: (ExplainFacts | undefined)[] | undefined
  const joined = parts.map(async ({ members, predict }) => {
    let part: Prediction
    try {
      part = await predict()
    } catch (error) {
      for (const row of members) errors[row] = error as PresageError
      return
    }
    if (part.facts !== undefined) facts ??= new Array<ExplainFacts | undefined>(rows).fill(undefined)
    for (let i = 0; i < members.length; i++) {
      errors[members[i]] = part.errors[i]
      if (facts !== undefined) facts[members[i]] = part.facts?.[i]
      if (part.errors[i] === undefined)
        for (const name of wanted) outputs[name][members[i]] = part.outputs[name][i]
    }
  })
  await Promise.all(joined)
  return { outputs, errors, ...(facts && { facts }) }
}
