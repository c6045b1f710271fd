import type { Column } from '../../lib/column'
import { addTo } from '../../lib/groups'
import { invariant } from '../../lib/invariant'
import { memoized, memoizedWeakly } from '../../lib/memoized'
import type { Context } from '../../lib/request/clientRequest'
import type { Objective } from '../../models/contracts/objective'
import { unitText } from '../../routing/bucketing/bucketer'
import { compileRead } from '../../routing/predicates/readValue'
import { readUnit } from '../../routing/ruleSet/reference'
import type { RuleSet } from '../../routing/ruleSet/ruleSet'

/** Reads the unit by which an experiment draws, in the same way as routing. */
interface UnitReader {
  /** Such as `context.member`. */
  readonly by: string
  /** The units of the rows, each with its rows. */
  units(context: Context, inputs: readonly Column[], rows: number): ReadonlyMap<string, readonly number[]>
}

function createUnitReader(by: string, objective: Objective): UnitReader {
  const reference = readUnit(by)
  invariant(reference, `unchecked unit ${by}`)
  const read = compileRead(reference, objective)
  return {
    by,
    units(context, inputs, rows) {
      const units = new Map<string, number[]>()
      const shared = reference.from === 'context' ? unitText(read(context, inputs, 0)) : undefined
      for (let row = 0; row < rows; row++) addTo(units, shared ?? unitText(read(context, inputs, row)), row)
      return units
    },
  }
}

/** The unit reader of an experiment, compiled once per version of the rules. */
export const unitReaderOf = memoizedWeakly((ruleSet: RuleSet) =>
  memoizedWeakly((objective: Objective) =>
    memoized((experiment: string) => {
      const by = ruleSet.experiments[experiment].unit ?? objective.unit
      invariant(by, `${experiment} draws by nothing`)
      return createUnitReader(by, objective)
    }),
  ),
)
