import type { PresageError } from '../../lib/errors'
import type { ExplainFacts } from '../../lib/request/explain'
import type { Prediction } from '../calls/modelCalls'

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
