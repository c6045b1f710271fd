import { responsePathAsArray } from 'graphql'
import type { ColumnAnswer, ColumnCall, ColumnField } from '../../lib/execution/columnField'
import type { Explain, ExplainFacts } from '../../lib/request/explain'
import type { PredictionField } from '../../schema/fields/plan'
import { noPrediction, type Prediction } from '../calls/modelCalls'
import { collectColumns, type InputColumns, Rows } from '../inputs/inputColumns'
import type { SubgraphContext } from '../inputs/subgraphContext'
import { FieldFacts } from '../requests/explainRows'
import type { PredictionRuntime } from '../requests/predictionRuntime'
import { type AskedRows, predictionsOf } from '../requests/predictions'
import { endingWith } from '../rules/rulesLimits'
import type { CompiledPrediction } from './compilePrediction'

/**
 * Resolves one `@predict` field for all rows of one place at once: reads their inputs and asks for their predictions.
 */
export function predictionColumns(
  prediction: CompiledPrediction,
  runtime: PredictionRuntime,
  takesReferences: boolean,
): ColumnField {
  const { field, wantedOutputs, inputs, check } = prediction
  return {
    takesReferences,
    parentFields: field.inputs.flatMap(({ binding }) => (binding.from === 'parent' ? [binding.path[0]] : [])),
    answer(call) {
      const { request } = call.contextValue as SubgraphContext
      const predictions = predictionsOf(request, runtime)
      const asked = predictions.ask(field, call.parents.length)
      if (asked.read === 0) {
        if (request.explain !== undefined)
          explainCall(field, request.explain, call, asked, noRows, noPrediction)
        return Promise.resolve(answerOf(prediction, noPrediction, noRows, [], asked))
      }
      const answer = () => {
        const wanted = wantedOutputs(call)
        const predict = ({ columns, rows }: InputColumns): Promise<ColumnAnswer> => {
          if (!rows.areAll) runtime.counts.countFailures(field, [...rows.errors()])
          return predictions
            .predict(field, { inputs: columns, rows: rows.count, wanted }, asked, check)
            .then((predicted) => {
              const { explain } = request
              if (explain !== undefined) explainCall(field, explain, call, asked, rows, predicted)
              return answerOf(prediction, predicted, rows, wanted, asked)
            })
        }
        const collected = collectColumns(inputs, asked.read < asked.count ? firstOf(call, asked.read) : call)
        return collected instanceof Promise ? collected.then(predict) : predict(collected)
      }
      const { allowance } = asked
      return allowance?.end === undefined ? answer() : endingWith(allowance.end, answer)
    },
  }
}

/** The first rows of a call as a call of their own. */
function firstOf(call: ColumnCall, count: number): ColumnCall {
  const { parents, args, contextValue } = call
  return { parents: parents.slice(0, count), args, contextValue, info: (row) => call.info(row) }
}

/** Explains every row of a call, except unknown entities, for which there is no prediction. */
function explainCall(
  field: PredictionField,
  explain: Explain,
  call: ColumnCall,
  { refused }: AskedRows,
  rows: Rows,
  { facts, errors }: Prediction,
): void {
  const told = new FieldFacts(field)
  const tell = (asked: number, found: ExplainFacts | undefined, error: unknown) =>
    explain.add(responsePathAsArray(call.info(asked).path), told.of(found, error))
  for (let asked = 0, row = 0; asked < rows.asked; asked++) {
    const isLeftOut = rows.isLeftOut(asked)
    const error = isLeftOut ? rows.errorOf(asked) : errors[row]
    if (!isLeftOut || error !== undefined) tell(asked, isLeftOut ? undefined : facts?.[row], error)
    if (!isLeftOut) row++
  }
  for (const { from, to, error } of refused)
    for (let asked = from; asked < to; asked++) tell(asked, undefined, error)
}

function answerOf(
  prediction: CompiledPrediction,
  predicted: Prediction,
  rows: Rows,
  wanted: readonly string[],
  { count, refused }: AskedRows,
): ColumnAnswer {
  const { shape, forClient } = prediction
  if (rows.areAll && rows.asked === count && isWhole(predicted)) {
    return { values: prediction.shapeAll(predicted, count, wanted), errors: undefined }
  }
  const values: unknown[] = new Array(count).fill(null)
  const errors: (Error | undefined)[] = new Array(count)
  let hasErrors = refused.length > 0
  for (let asked = 0, row = 0; asked < rows.asked; asked++) {
    if (rows.isLeftOut(asked)) {
      errors[asked] = rows.errorOf(asked)
    } else {
      const error = predicted.errors[row]
      if (error === undefined) values[asked] = shape(predicted, row, wanted)
      else errors[asked] = forClient(error)
      row++
    }
    if (errors[asked] !== undefined) hasErrors = true
  }
  for (const { from, to, error } of refused) errors.fill(error, from, to)
  return { values, errors: hasErrors ? errors : undefined }
}

function isWhole({ errors }: Prediction): boolean {
  for (let row = 0; row < errors.length; row++) if (errors[row] !== undefined) return false
  return true
}

const noRows = new Rows(0)
