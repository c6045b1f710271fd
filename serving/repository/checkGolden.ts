import type { Clock } from '../../lib/clock'
import { LoadError } from '../../lib/errors'
import type { Pace } from '../../lib/scheduling/turns'
import { compareGolden, type Golden, type GoldenCase, unknownFeature } from '../../models/compile/golden'
import { casesAlone, mixedRowsProblem, rowsAreMixed } from '../../models/compile/mixedRows'
import type { Model } from '../../models/contracts/model'
import type { RowTaker } from '../calls/cacheUse'
import { tryOutputs } from '../calls/tryRows'

/** How long the golden cases may take. Generous, because a model may be slow and still work. */
const deadlineMs = 60_000

/**
 * Runs the golden cases in one batch, and some of them alone, since a graph that mixes the rows of a batch answers
 * every request by what came with it. Throws a LoadError with the first case that is answered otherwise, or that names
 * a feature that the version does not have.
 */
export async function checkGolden(
  model: Model,
  { cases, tolerance }: Golden,
  taker: RowTaker,
  clock: Clock,
  pace: Pace,
): Promise<void> {
  const answer = (asked: readonly GoldenCase[]) => {
    const inputs = asked.map(({ input }) => input)
    return tryOutputs(model, taker, inputs, { deadline: clock.now() + deadlineMs, pace })
  }
  const unknown = unknownFeature(cases, model.features)
  if (unknown !== undefined) throw new LoadError([unknown])
  const answers = await answer(cases)
  for (const [place, one] of cases.entries()) {
    const difference = await pace.piece(() => compareGolden(one, answers[place], model.outputs, tolerance))
    if (difference === undefined) continue
    const isRightAlone =
      cases.length > 1 && compareGolden(one, (await answer([one]))[0], model.outputs, tolerance) === undefined
    const cause = isRightAlone ? `, but alone it is answered so: ${rowsAreMixed}` : ''
    throw new LoadError([`case ${place}: ${difference}${cause}`])
  }
  for (const place of casesAlone(cases.length)) {
    const [alone] = await answer([cases[place]])
    const problem = mixedRowsProblem(place, answers[place], alone, model.outputs, tolerance)
    if (problem !== undefined) throw new LoadError([problem])
  }
}
