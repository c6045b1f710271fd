import type { Column } from '../../lib/column'
import { invariant } from '../../lib/invariant'
import type { FeatureSpec, Manifest, StepSpec } from '../contracts/manifest'
import type { Model } from '../contracts/model'
import type { Vocabulary } from '../contracts/vocabulary'
import { namesOf } from '../manifest/servesObjective'
import { stepOf } from '../manifest/stepShape'
import { preprocessSteps } from '../preprocess/registration'
import type {
  ColumnStep,
  Demand,
  PreprocessContext,
  PreprocessStep,
  TensorStep,
  TensorTarget,
  TextStep,
} from '../preprocess/step'
import { createData, isInt64, isTensorType, type NumberArray, writeInt64 } from '../types/elementType'
import type { Tensor, TensorSignature, Tensors, TensorType } from '../types/tensor'

/** How features become the graph's inputs. */
export interface CompiledInputs {
  readonly preprocess: Model['preprocess']
  readonly demands: readonly Demand[]
  /** Positions of the features that the steps read, ascending. */
  readonly reads: readonly number[]
}

/** Compiles `preprocess` against the graph's inputs. Adds one line per problem to `problems`. */
export function compileInputs(
  manifest: Manifest,
  vocabularies: Readonly<Record<string, Vocabulary>>,
  inputs: readonly TensorSignature[],
  problems: string[],
): CompiledInputs {
  const shared = new Map<string, unknown>()
  const tensors: NamedTensor[] = []
  const reads = new Set<number>()
  const position = positionsOf(manifest.features)
  const contextOf: ContextOf = (tensor) => ({
    tensor,
    feature: (name) => manifest.features[position(name)],
    position(name) {
      reads.add(position(name))
      return position(name)
    },
    vocabulary: (name) => vocabularies[name],
    shared<V>(key: string, make: () => V): V {
      if (!shared.has(key)) shared.set(key, make())
      return shared.get(key) as V
    },
    fail(message) {
      throw new StepProblem(message)
    },
  })
  for (const signature of inputs) {
    const where = `input ${signature.name} of the graph`
    const specs = Object.hasOwn(manifest.preprocess, signature.name)
      ? manifest.preprocess[signature.name]
      : undefined
    const problem =
      tensorProblem(signature) ??
      (specs === undefined ? 'must have an entry in preprocess, got none' : undefined)
    if (problem !== undefined || specs === undefined) {
      problems.push(`${where}: ${problem}`)
      continue
    }
    try {
      tensors.push({ name: signature.name, step: compileTensor(specs, targetOf(signature), contextOf) })
    } catch (error) {
      if (!(error instanceof StepProblem)) throw error
      problems.push(`${where}: ${error.message}`)
    }
  }
  for (const name of Object.keys(manifest.preprocess)) {
    if (inputs.some((input) => input.name === name)) continue
    problems.push(`preprocess.${name}: must be an input of the graph (${namesOf(inputs)}), got ${name}`)
  }
  return {
    preprocess: (columns, rows) => preprocess(tensors, columns, rows),
    demands: tensors.flatMap(({ step }) => step.demands),
    reads: [...reads].sort((left, right) => left - right),
  }
}

/** An input of the graph, and the step that fills it. */
interface NamedTensor {
  readonly name: string
  readonly step: TensorStep
}

function preprocess(tensors: readonly NamedTensor[], columns: readonly Column[], rows: number): Tensors {
  invariant(rows > 0, 'a batch has at least one row')
  const built: Record<string, Tensor> = {}
  for (const { name, step } of tensors) built[name] = step.build(columns, rows)
  return built
}

/** Why a tensor of the graph cannot be served; undefined if it can. */
export function tensorProblem({ type, shape }: TensorSignature): string | undefined {
  if (type !== 'string' && !isTensorType(type)) return `must be a tensor of numbers, got ${type}`
  if (typeof shape[0] === 'number') {
    return `must have a dynamic batch dimension first, got ${shapeText(shape)}`
  }
  if (shape.length !== 1 && shape.length !== 2)
    return `must be [batch] or [batch, n], got ${shapeText(shape)}`
  return undefined
}

/** Thrown by a step that does not fit its tensor. */
export class StepProblem extends Error {}

function shapeText(shape: TensorSignature['shape']): string {
  return `[${shape.map((dimension) => (dimension === '' ? '?' : dimension)).join(', ')}]`
}

function targetOf({ name, type, shape }: TensorSignature): TensorTarget<TensorType | 'string'> {
  invariant(type === 'string' || isTensorType(type), `${name} was checked to be a tensor`)
  const width = typeof shape[1] === 'number' ? shape[1] : undefined
  return { type, rank: shape.length === 1 ? 1 : 2, width }
}

/** Tells the position of a feature by its name; of thousands at once. */
export function positionsOf(features: readonly FeatureSpec[]): (name: string) => number {
  const positions = new Map(features.map((feature, position) => [feature.name, position]))
  return (name) => {
    const position = positions.get(name)
    invariant(position !== undefined, `feature ${name} was checked to be there`)
    return position
  }
}

type ContextOf = <T>(tensor: TensorTarget<T>) => PreprocessContext<T>

interface NamedStep {
  readonly spec: StepSpec
  readonly step: PreprocessStep
}

/** Compiles the `preprocess` entry of one input of the graph: one step, or a list of column steps. */
function compileTensor(
  specs: StepSpec | readonly StepSpec[],
  target: TensorTarget<TensorType | 'string'>,
  contextOf: ContextOf,
): TensorStep {
  const list = (Array.isArray(specs) ? specs : [specs]) as readonly StepSpec[]
  const steps = list.map((spec): NamedStep => ({ spec, step: stepOf(spec, preprocessSteps) }))
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
      if (isInt64(data)) {
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
