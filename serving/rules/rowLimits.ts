import { PresageError } from '../../lib/errors'
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
    return { rows, error: this.refusal(perObjective < perRequest ? objective : undefined) }
  }

  /** `objective` is the one whose own limit was reached, if any. */
  private refusal(objective: Objective | undefined): PresageError {
    const maximum = objective?.maxRows ?? this.maxRows
    const which = objective === undefined ? maximum : `${maximum} of ${objective.name}`
    return new PresageError('TOO_MANY_ROWS', `a request may have at most ${which} prediction rows`, {
      limit: objective === undefined ? 'predictionRows' : 'maxRows',
      ...(objective !== undefined && { objective: objective.name }),
      maximum,
    })
  }
}
