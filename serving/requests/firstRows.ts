import type { PresageError } from '../../lib/errors'
import type { Prediction } from '../calls/modelCalls'
import type { DecidedRows } from './answered'

/** Predicts the first `allowed` rows of a larger group. The others get `error` without being read. */
export async function predictFirst(
  group: DecidedRows,
  allowed: number,
  error: PresageError,
  predict: (first: DecidedRows) => Promise<Prediction>,
): Promise<Prediction> {
  const { rows, inputs, decisions } = group
  const first =
    allowed === 0
      ? nothing
      : await predict({
          ...group,
          ...(decisions && { decisions: decisions.slice(0, allowed) }),
          inputs: inputs.map((column) => column.slice(0, allowed)),
          rows: allowed,
        })
  const errors: (PresageError | undefined)[] = new Array(rows).fill(error)
  for (let row = 0; row < allowed; row++) errors[row] = first.errors[row]
  return { ...first, errors }
}

const nothing: Prediction = Object.freeze({ outputs: {}, errors: [] })
