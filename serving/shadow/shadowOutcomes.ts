import type { ErrorCode } from '../../lib/errors'
import type { Objective } from '../../models/contracts/objective'
import type { Prediction } from '../calls/modelCalls'
import type { DecidedRows } from '../requests/answered'

/**
 * The outcome of a row at a shadow. `missing-feature`: the shadow needs an input that the request did not give, so it
 * could not have replaced the answer. `BAD_FEATURE`: an input was given but does not fit.
 */
export type ShadowOutcome = 'answered' | 'missing-feature' | ErrorCode

/** By row. */
export function shadowOutcomes(
  { errors }: Prediction,
  objective: Objective,
  { inputs, rows }: DecidedRows,
): readonly ShadowOutcome[] {
  const outcomes: ShadowOutcome[] = new Array(rows).fill('answered')
  for (let row = 0; row < errors.length; row++) {
    const error = errors[row]
    if (error === undefined) continue
    outcomes[row] = error.code
    if (error.code !== 'BAD_FEATURE') continue
    const place = objective.inputs.findIndex(({ name }) => name === error.details?.input)
    if ((inputs[place]?.[row] ?? null) === null) outcomes[row] = 'missing-feature'
  }
  return outcomes
}
