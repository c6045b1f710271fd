import type { Column } from '../../lib/column'
import { invariant } from '../../lib/invariant'
import type { StepSpec } from '../contracts/manifest'
import { stepOf } from '../manifest/stepShape'
import { preprocessSteps } from '../preprocess/registration'
import type {
  ColumnStep,
  PreprocessContext,
  PreprocessStep,
  TensorStep,
  TensorTarget,
  TextStep,
} from '../preprocess/step'
import { createData, type NumberArray, writeInt64 } from '../types/elementType'
import type { Tensor, TensorType } from '../types/tensor'

/** Makes the context of the steps that fill one tensor. */
export type ContextOf = <T>(tensor: TensorTarget<T>) => PreprocessContext<T>

interface NamedStep {
  readonly spec: StepSpec
  readonly step: PreprocessStep
}

/** Compiles the `preprocess` entry of one input of the graph: one step, or a list of column steps. */
export function compileTensor(
  specs: StepSpec | readonly StepSpec[],
  target: TensorTarget<TensorType | 'string'>,
  contextOf: ContextOf,
): TensorStep {
  const list = (Array.isArray(specs) ? specs : [specs]) as readonly StepSpec[]
  const steps = list.map((spec): NamedStep => {
    const step = stepOf(spec, preprocessSteps)
    invariant(step, 'the manifest was checked to name a step')
    return { spec, step }
  })
  const { type } = target
  return type === 'string'
    ? textTensor(steps, contextOf({ ...target, type }))
    : numberTensor(steps, contextOf({ ...target, type }))
}

function numberTensor(steps: readonly NamedStep[], context: PreprocessContext): TensorStep {
  const [{ spec, step: first }] = steps
  if (first.fills === 'tensor') return first.compile(spec, context)
  return sideBySide(
    steps.map(({ spec: options, step }) => {
      if (step.fills === 'texts') context.fail(`must be a tensor of text, got ${context.tensor.type}`)
      invariant(step.fills === 'columns', 'the manifest was checked to list only column steps')
      return step.compile(options, context)
    }),
    context,
  )
}

/** One tensor of which each step fills neighbouring columns. */
function sideBySide(steps: readonly ColumnStep[], context: PreprocessContext): TensorStep {
  const width = steps.reduce((sum, step) => sum + step.width, 0)
  requireWidth(width, context)
  const { type, rank } = context.tensor
  return {
    demands: steps.flatMap((step) => step.demands),
    build(columns, rows): Tensor {
      const data = createData(type, rows * width)
      if (data instanceof BigInt64Array || data instanceof BigUint64Array) {
        const numbers = new Float64Array(rows * width)
        writeAll(steps, columns, rows, numbers, width)
        writeInt64(numbers, data)
      } else writeAll(steps, columns, rows, data, width)
      return { type, dims: rank === 1 ? [rows] : [rows, width], data }
    },
  }
}

function writeAll(
  steps: readonly ColumnStep[],
  columns: readonly Column[],
  rows: number,
  target: NumberArray,
  stride: number,
): void {
  let offset = 0
  for (const step of steps) {
    step.write(columns, rows, target, stride, offset)
    offset += step.width
  }
}

/** One tensor of text, with one column per step. */
function textTensor(named: readonly NamedStep[], context: PreprocessContext<'string'>): TensorStep {
  const steps = named.map(({ spec, step }): TextStep => {
    if (step.fills !== 'texts') return context.fail('must be a tensor of numbers, got string')
    return step.compile(spec, context)
  })
  const width = steps.length
  requireWidth(width, context)
  const { type, rank } = context.tensor
  return {
    demands: steps.flatMap((step) => step.demands),
    build(columns, rows): Tensor {
      const data: string[] = new Array(rows * width)
      for (let column = 0; column < width; column++) steps[column].write(columns, rows, data, width, column)
      return { type, dims: rank === 1 ? [rows] : [rows, width], data }
    },
  }
}

function requireWidth(width: number, { tensor, fail }: PreprocessContext<unknown>): void {
  const expected = tensor.rank === 1 ? 1 : tensor.width
  if (expected !== undefined && expected !== width) fail(`must be ${expected} wide, got ${width} columns`)
}
