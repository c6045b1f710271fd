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

/**
 * Reads the units by which an experiment draws, in the same way as routing: `by` is such as `context.member`, and `units`
 * has each unit with its rows. Compiled once per version of the rules.
 */
export const unitReaderOf = memoizedWeakly((ruleSet: RuleSet) =>
  memoizedWeakly((objective: Objective) =>
    memoized((experiment: string) => {
      const by = ruleSet.experiments[experiment].unit ?? objective.unit
      invariant(by, `${experiment} draws by nothing`)
      const reference = readUnit(by)
      invariant(reference, `unchecked unit ${by}`)
      const read = compileRead(reference, objective)
      const units = (context: Context, inputs: readonly Column[], rows: number) => {
        const rowsOf = new Map<string, number[]>()
        const shared = reference.from === 'context' ? unitText(read(context, inputs, 0)) : undefined
        for (let row = 0; row < rows; row++)
          addTo(rowsOf, shared ?? unitText(read(context, inputs, row)), row)
        return rowsOf
      }
      return { by, units }
    }),
  ),
)
