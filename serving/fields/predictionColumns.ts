import {
  type GraphQLObjectType,
  type GraphQLResolveInfo,
  responsePathAsArray,
  type SelectionSetNode,
} from 'graphql'
import type { ColumnAnswer, ColumnCall, ColumnField } from '../../lib/execution/columnField'
import { generateFunction, maxGenerated } from '../../lib/execution/generatedCode'
import { memoizedUpTo } from '../../lib/memoized'
import type { Explain, ExplainFacts } from '../../lib/request/explain'
import type { OutputShape, PredictionField } from '../../schema/fields/plan'
import { noPrediction, type Prediction } from '../calls/modelCalls'
import { valuesOfNames } from '../inputs/enumValues'
import {
  type ColumnInput,
  collectColumns,
  compileInput,
  type InputColumns,
  Rows,
} from '../inputs/inputColumns'
import type { SubgraphContext } from '../inputs/subgraphContext'
import { FieldFacts } from '../requests/explainRows'
import type { PredictionRuntime } from '../requests/predictionRuntime'
import { type AskedRows, predictionsOf } from '../requests/predictions'
import { endingWith } from '../rules/rulesLimits'
import { compileClientError } from './clientError'
import { compileIntRange } from './intRange'
import { outputPlaces } from './outputPlaces'
import { compileOwnEntities, type FindOwnEntities } from './ownEntities'
import { selectedFields } from './selectedFields'

/**
 * Resolves one `@predict` field for all rows of one place at once: reads their inputs and asks for their predictions.
 */
export function predictionColumns(
  prediction: CompiledPrediction,
  runtime: PredictionRuntime,
  takesReferences: boolean,
): ColumnField {
  const { field, wantedOutputs, inputs, check, findOwnEntities } = prediction
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
            .predict(field, { inputs: columns, rows: rows.count, wanted }, askedOf(asked, rows), check)
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
      const answered =
        allowance?.end === undefined
          ? answer()
          : endingWith(allowance.end, request.deadline, runtime.clock, answer)
      // What the subgraph looks up is no prediction: the limits of rules are not for it.
      return findOwnEntities === undefined ? answered : answered.then((one) => findOwnEntities(one, call))
    },
  }
}

/** Rows that are left out count towards the limits as well: what is beyond them does not move up. */
function askedOf(asked: AskedRows, rows: Rows): AskedRows {
  const { allowance } = asked
  if (rows.areAll || allowance === undefined) return asked
  return { ...asked, allowance: { ...allowance, rows: rows.countOf(allowance.rows) } }
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
  for (const { from, to, error, facts } of refused)
    for (let asked = from; asked < to; asked++) tell(asked, facts, error)
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

export interface CompiledPrediction extends FieldValues {
  readonly field: PredictionField
  /** In the field's order. */
  readonly inputs: readonly ColumnInput[]
  readonly wantedOutputs: WantedOutputs
  /** Fails rows whose outputs the field's type cannot hold; undefined if it can hold all. */
  readonly check: ReturnType<typeof compileIntRange>
  readonly findOwnEntities: FindOwnEntities | undefined
  /** The error as clients see it. */
  forClient(error: Error): Error
}

export function compilePrediction(field: PredictionField, type: GraphQLObjectType): CompiledPrediction {
  return {
    field,
    inputs: field.inputs.map(({ binding }) => compileInput(binding, field, type)),
    wantedOutputs: compileWantedOutputs(field.shape),
    check: compileIntRange(field, type),
    findOwnEntities: compileOwnEntities(field, type),
    ...compileFieldValues(field, type),
    forClient: compileClientError(field),
  }
}

/** Which outputs a call needs. Equal results are the same array, so that they can be compared by identity. */
type WantedOutputs = (call: Pick<ColumnCall, 'info'>) => readonly string[]

const mostInterned = 1024

/** A call is asked for its selection only where outputs are fields of it. */
function compileWantedOutputs(shape: OutputShape): WantedOutputs {
  if (shape.kind !== 'object') {
    const only = [shape.output]
    return () => only
  }
  // Clients can select the outputs of a large object in very many ways.
  const interned = memoizedUpTo(mostInterned, (key: string): readonly string[] =>
    key === '' ? [] : key.split(' '),
  )
  const bySelection = new WeakMap<SelectionSetNode, readonly string[]>()
  const collect = (info: GraphQLResolveInfo): readonly string[] => {
    const names = new Set(selectedFields(info.fieldNodes, info).map(({ name }) => name.value))
    names.delete('__typename')
    const asked = shape.fields.filter((field) => names.has(field))
    // A selected field that is no output has a resolver or a prediction of its own, which may read any output.
    return interned((asked.length === names.size ? asked : shape.fields).join(' '))
  }
  return (call) => {
    const info = call.info(0)
    const selection = info.fieldNodes[0].selectionSet
    if (info.fieldNodes.length > 1 || selection === undefined) return collect(info)
    let wanted = bySelection.get(selection)
    if (wanted === undefined) {
      wanted = collect(info)
      bySelection.set(selection, wanted)
    }
    return wanted
  }
}

/** How outputs become the values of a field. The field's type serializes them. */
interface FieldValues {
  /** The value of one row without an error. */
  shape(prediction: Prediction, row: number, wanted: readonly string[]): unknown
  /** The values of all rows of a prediction without errors. */
  shapeAll(prediction: Prediction, rows: number, wanted: readonly string[]): readonly unknown[]
}

/** Compiles them for a field of the type as the subgraph serves it. */
function compileFieldValues(field: PredictionField, type: GraphQLObjectType): FieldValues {
  const { shape: declaredShape } = field
  const turns = new Map(
    outputPlaces(field, type).map(({ output, place }) => [output.name, valuesOfNames(output.type, place)]),
  )
  if (declaredShape.kind !== 'object') {
    const { output } = declaredShape
    const turn = turns.get(output) ?? unturned
    return {
      shape: ({ outputs }, row) => turn(outputs[output][row]),
      shapeAll({ outputs }, rows) {
        const column = outputs[output]
        if (turn === unturned) return column
        const values: unknown[] = new Array(rows)
        for (let row = 0; row < rows; row++) values[row] = turn(column[row])
        return values
      },
    }
  }
  const shape: FieldValues['shape'] = ({ outputs }, row, wanted) => {
    const value: Record<string, unknown> = {}
    for (const output of wanted) {
      const turn = turns.get(output)
      value[output] = turn === undefined ? outputs[output][row] : turn(outputs[output][row])
    }
    return value
  }
  // Fields pass the same array for the same selection.
  const byWanted = new WeakMap<readonly string[], MakeObjects | undefined>()
  return {
    shape,
    shapeAll(prediction, rows, wanted) {
      if (!byWanted.has(wanted)) byWanted.set(wanted, compileObjects(wanted, turns))
      const make = byWanted.get(wanted)
      if (make !== undefined) return make(prediction.outputs, rows)
      return Array.from({ length: rows }, (_, row) => shape(prediction, row, wanted))
    },
  }
}

type MakeObjects = (outputs: Prediction['outputs'], rows: number) => readonly unknown[]

/**
 * Compiles a function that makes objects of outputs. Generated code with literal names gives the objects one hidden
 * class. Undefined if no code can be generated.
 */
function compileObjects(
  wanted: readonly string[],
  turns: ReadonlyMap<string, ((value: unknown) => unknown) | undefined>,
): MakeObjects | undefined {
  if (wanted.length > maxGenerated) return undefined
  const columns = wanted.map((name, at) => `const column${at} = outputs.${name}`)
  const entries = wanted.map((name, at) => {
    const value = `column${at}[row]`
    return `${name}: ${turns.get(name) === undefined ? value : `turn${at}(${value})`}`
  })
  const body = `return function makeObjects(outputs, rows) {
      ${columns.join('\n      ')}
      const objects = new Array(rows)
      for (let row = 0; row < rows; row++) objects[row] = { ${entries.join(', ')} }
      return objects
    }`
  return generateFunction(Object.fromEntries(wanted.map((name, at) => [`turn${at}`, turns.get(name)])), body)
}

function unturned(value: unknown): unknown {
  return value
}
