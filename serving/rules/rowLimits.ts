import { PresageError } from '../../lib/errors'
import { memoized } from '../../lib/memoized'
import { SmallMap } from '../../lib/request/smallMap'
import type { Objective } from '../../models/contracts/objective'

/** The limits on prediction rows of one client request: `maxRows` for all objectives together, and each objective's own. */
export class RowLimits {
  private readonly rowsByObjective = new SmallMap<Objective, number>()

  constructor(
    private readonly maxRows: number,
    /** Counts the rows of the request. */
    private readonly usage: { predictionRows: number },
  ) {}

  /** Takes up to `asked` further rows. If there are fewer, `error` is for the others. */
  take(asked: number, objective?: Objective): { readonly rows: number; readonly error?: PresageError } {
    const used = objective === undefined ? 0 : (this.rowsByObjective.get(objective) ?? 0)
    const perRequest = this.maxRows - this.usage.predictionRows
    const perObjective = objective === undefined ? perRequest : objective.maxRows - used
    const rows = Math.min(asked, perRequest, perObjective)
    this.usage.predictionRows += rows
    if (objective !== undefined) this.rowsByObjective.set(objective, used + rows)
    if (rows === asked) return { rows }
    const owner = perObjective < perRequest ? objective : undefined
    return { rows, error: refusal(owner?.maxRows ?? this.maxRows)(owner?.name) }
  }
}

/** For rows beyond a limit: the objective's own, if there is a name. Made once and frozen. */
const refusal = memoized((maximum: number) =>
  memoized((objective: string | undefined) => {
    const which = objective === undefined ? maximum : `${maximum} of ${objective}`
    const details = {
      limit: objective === undefined ? 'predictionRows' : 'maxRows',
      ...(objective !== undefined && { objective }),
      maximum,
    }
    return Object.freeze(
      new PresageError('TOO_MANY_ROWS', `a request may have at most ${which} prediction rows`, details),
    )
  }),
)
