import type { Column } from '../../lib/column'
import { PresageError, show } from '../../lib/errors'
import { invariant } from '../../lib/invariant'
import { memoizedWeakly } from '../../lib/memoized'
import type { Model } from '../contracts/model'
import type { OutputBatch, OutputNumbers, OutputValues } from '../postprocess/step'
import { readNumbers } from '../types/elementType'
import type { NumberTensor, TensorSignature, Tensors, TextTensor } from '../types/tensor'
import { RowErrorList } from '../validation/validateRows'
import type { CompiledOutput } from './compileOutputs'

/** Compiles the building of outputs from a graph's answers. */
export function compileAnswer(key: string, outputs: readonly CompiledOutput[]): Model['postprocess'] {
  // Fields pass the same array for the same selection.
  const neededFor = memoizedWeakly((wanted: readonly string[]) => neededOutputs(key, outputs, wanted))
  return (tensors, columns, rows, wanted, tensorRow) => {
    const batch = new Answers(key, tensors, columns, rows, tensorRow)
    for (const output of neededFor(wanted)) batch.build(output)
    return batch.answer(wanted)
  }
}

/** The wanted outputs and all that they read, in the manifest's order. */
function neededOutputs(
  key: string,
  outputs: readonly CompiledOutput[],
  wanted: readonly string[],
): readonly CompiledOutput[] {
  const needed: boolean[] = new Array(outputs.length).fill(false)
  for (const name of wanted) {
    const position = outputs.findIndex(({ spec }) => spec.name === name)
    invariant(position >= 0, `${key} has an output ${name}`)
    needed[position] = true
  }
  // An output reads only outputs above it, so one pass from the end finds all.
  for (let at = outputs.length - 1; at >= 0; at--) {
    if (needed[at]) for (const read of outputs[at].reads) needed[read] = true
  }
  return outputs.filter((_, at) => needed[at])
}

class Answers implements OutputBatch {
  private readonly errors: RowErrorList
  private readonly built: Record<string, Column> = {}
  /** By graph output; made only once, because the numbers of a 64-bit tensor are a copy. */
  private made: Map<string, OutputNumbers> | undefined
  private building = ''

  constructor(
    private readonly key: string,
    private readonly tensors: Tensors,
    readonly columns: readonly Column[],
    readonly rows: number,
    private readonly tensorRow: Int32Array | undefined,
  ) {
    this.errors = new RowErrorList(rows)
  }

  build({ spec, step }: CompiledOutput): void {
    this.building = spec.name
    this.built[spec.name] = step.build(this)
  }

  answer(wanted: readonly string[]): ReturnType<Model['postprocess']> {
    const outputs: Record<string, Column> = {}
    for (const name of wanted) outputs[name] = this.built[name]
    return { outputs, errors: this.errors.errors }
  }

  output(name: string): Column {
    return this.built[name]
  }

  numbers(name: string): OutputNumbers {
    let numbers = this.made?.get(name)
    if (numbers === undefined) {
      // The step was compiled for a tensor of numbers, and `checkOutputs` has compared the type.
      const { data, dims } = this.tensors[name] as NumberTensor
      const { values, width, starts } = this.valuesOf(readNumbers(data), dims)
      // Not spread: that made a request of a hundred rows measurably slower.
      numbers = { values, exact: data, width, starts }
      this.made ??= new Map()
      this.made.set(name, numbers)
    }
    return numbers
  }

  texts(name: string): OutputValues<readonly string[]> {
    const { data, dims } = this.tensors[name] as TextTensor
    return this.valuesOf(data, dims)
  }

  fail(row: number, expectation: string, got: unknown): void {
    const { key, building } = this
    this.errors.add(row, () => badOutput(key, building, expectation, got))
  }

  private valuesOf<Values>(values: Values, dims: readonly number[]): OutputValues<Values> {
    const width = dims.length === 1 ? 1 : dims[1]
    return { values, width, starts: startsOf(width, this.rows, this.tensorRow) }
  }
}

/** Where the rows start. May be longer than the number of rows. */
function startsOf(width: number, rows: number, tensorRow: Int32Array | undefined): Int32Array {
  if (width === 1) return tensorRow ?? risingTo(rows)
  const starts = new Int32Array(rows)
  for (let row = 0; row < rows; row++) starts[row] = (tensorRow === undefined ? row : tensorRow[row]) * width
  return starts
}

/** 0, 1, 2, ...: shared by all batches, and never modified. */
let rising = new Int32Array(0)

function risingTo(rows: number): Int32Array {
  if (rising.length < rows) rising = new Int32Array(2 * rows).map((_, row) => row)
  return rising
}

function badOutput(key: string, output: string, expectation: string, got: unknown): PresageError {
  return new PresageError('BAD_OUTPUT', `${key}: output ${output}: ${expectation}, got ${show(got)}`, {
    model: key,
    output,
  })
}

/**
 * Compiles the check of a graph's answer: `MODEL_OUTPUT_SHAPE` unless every output has its type and rank, and one row per
 * row of the batch. Otherwise answers could silently move to other rows.
 */
export function compileCheck(key: string, signatures: readonly TensorSignature[]): Model['checkOutputs'] {
  return (tensors, rows) => {
    for (const { name, type, shape } of signatures) {
      const tensor = Object.hasOwn(tensors, name) ? tensors[name] : undefined
      if (tensor === undefined) throw wrongShape(key, name, 'must be there', 'nothing')
      if (tensor.type !== type) throw wrongShape(key, name, `must be ${type}`, tensor.type)
      const got = `[${tensor.dims.join(', ')}]`
      if (tensor.dims.length !== shape.length)
        throw wrongShape(key, name, `must have ${shape.length} dimensions`, got)
      if (tensor.dims[0] !== rows) throw wrongShape(key, name, `must have ${rows} rows`, got)
      for (let at = 1; at < shape.length; at++) {
        if (typeof shape[at] === 'number' && tensor.dims[at] !== shape[at]) {
          throw wrongShape(key, name, `must be ${shape[at]} wide`, got)
        }
      }
      const size = tensor.dims.reduce((product, dimension) => product * dimension, 1)
      if (tensor.data.length !== size)
        throw wrongShape(key, name, `must hold ${size} values`, `${tensor.data.length}`)
    }
  }
}

function wrongShape(key: string, output: string, expectation: string, got: string): PresageError {
  return new PresageError(
    'MODEL_OUTPUT_SHAPE',
    `${key}: output ${output} of the graph: ${expectation}, got ${got}`,
    {
      model: key,
    },
  )
}
