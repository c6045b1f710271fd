import { responsePathAsArray } from 'graphql'
import type { ColumnAnswer, ColumnCall, ColumnField } from '../lib/columnField'
import { PresageError } from '../lib/errors'
import type { Explain } from '../lib/explain'
import type { InputBinding, PredictionField } from '../schema/plan'
import type { CompiledPrediction } from './compilePrediction'
import { FieldFacts } from './explainRows'
import { collectColumns, type InputColumns, type Rows } from './inputColumns'
import type { Prediction } from './modelCalls'
import { predictionsOf } from './predictions'
import { askedBy } from './requestServing'
import type { Serving } from './serving'
import type { SubgraphContext } from './subgraphContext'

/** The same as a prediction field's resolver, for all rows of one place at once. */
export function predictionColumns(
  prediction: CompiledPrediction,
  serving: Serving,
  takesReferences: boolean,
): ColumnField {
  const { field, wantedOutputs, sources, quick } = prediction
  const bindings = field.inputs.map(({ binding }) => binding)
  const inputs = sources.map((source, at) => ({
    source,
    isSame: isSameForAll(bindings[at]),
    quick: quick[at],
  }))
  return {
    takesReferences,
    parentFields: bindings.flatMap((binding) => (binding.from === 'parent' ? [binding.path[0]] : [])),
    answer(call) {
      const { request } = call.contextValue as SubgraphContext
      const wanted = wantedOutputs(call.info(0))
      const predict = ({ columns, rows, float32 }: InputColumns): Promise<ColumnAnswer> => {
        if (!rows.areAll) countFailures(rows)
        return predictionsOf(request, serving)
          .loadColumns(field, columns, rows.count, wanted, float32)
          .then((predicted) => {
            if (request.explain !== undefined) explainCall(field, request.explain, call, rows, predicted)
            return answerOf(prediction, predicted, rows, wanted)
          })
      }
      const collected = collectColumns(inputs, call)
      return collected instanceof Promise ? collected.then(predict) : predict(collected)
    },
  }

  function countFailures(rows: Rows): void {
    for (const error of rows.errors()) {
      if (error instanceof PresageError) serving.countFailures(askedBy(field), error.code, 1)
    }
  }
}

/** Tells of every row of a call; not of entities that are unknown, whose prediction nobody made. */
function explainCall(
  field: PredictionField,
  explain: Explain,
  call: ColumnCall,
  rows: Rows,
  { facts, errors }: Prediction,
): void {
  const told = new FieldFacts(field)
  for (let asked = 0, row = 0; asked < rows.asked; asked++) {
    const isLeftOut = rows.isLeftOut(asked)
    const error = isLeftOut ? rows.errorOf(asked) : errors[row]
    if (!isLeftOut || error !== undefined) {
      const path = responsePathAsArray(call.info(asked).path)
      explain.add(path, told.of(isLeftOut ? undefined : facts?.[row], error))
    }
    if (!isLeftOut) row++
  }
}

/** Whether an input has one value for all rows of a call. */
function isSameForAll({ from }: InputBinding): boolean {
  return from !== 'parent'
}

function answerOf(
  prediction: CompiledPrediction,
  predicted: Prediction,
  rows: Rows,
  wanted: readonly string[],
): ColumnAnswer {
  const { shape, explain } = prediction
  if (rows.areAll && isWhole(predicted)) {
    return { values: prediction.shapeAll(predicted, rows.asked, wanted), errors: undefined }
  }
  const values: unknown[] = new Array(rows.asked).fill(null)
  const errors: (Error | undefined)[] = new Array(rows.asked)
  let hasErrors = false
  for (let asked = 0, row = 0; asked < rows.asked; asked++) {
    if (rows.isLeftOut(asked)) {
      errors[asked] = rows.errorOf(asked)
    } else {
      const error = predicted.errors[row]
      if (error === undefined) values[asked] = shape(predicted, row, wanted)
      else errors[asked] = explain(error) as Error
      row++
    }
    if (errors[asked] !== undefined) hasErrors = true
  }
  return { values, errors: hasErrors ? errors : undefined }
}

function isWhole({ errors }: Prediction): boolean {
  for (let row = 0; row < errors.length; row++) if (errors[row] !== undefined) return false
  return true
}
