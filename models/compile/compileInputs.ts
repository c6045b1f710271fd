import type { Column } from '../../lib/column'
import { invariant } from '../../lib/invariant'
import type { FeatureSpec, Manifest, StepSpec } from '../contracts/manifest'
import type { Vocabulary } from '../contracts/vocabulary'
import { stepOf } from '../manifest/stepShape'
import { preprocessSteps } from '../preprocess/registration'
import type { ColumnStep, Demand, PreprocessContext, TensorStep, TensorTarget } from '../preprocess/step'
import { createData, isTensorType, type NumberArray, writeInt64 } from '../types/elementType'
import type { Tensor, TensorSignature } from '../types/tensor'

/** The graph's inputs, each with the step that fills it. */
export interface CompiledInputs {
  readonly tensors: readonly { readonly name: string; readonly step: TensorStep }[]
  readonly demands: readonly Demand[]
  /** Positions of the features that the steps read, rising. */
  readonly reads: readonly number[]
}

/** Compiles `preprocess` against the graph's inputs. Each problem is one line in `problems`. */
export function compileInputs(
  manifest: Manifest,
  vocabularies: Readonly<Record<string, Vocabulary>>,
  inputs: readonly TensorSignature[],
  problems: string[],
): CompiledInputs {
  const shared = new Map<string, unknown>()
  const tensors: { name: string; step: TensorStep }[] = []
  const reads = new Set<number>()
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
    const context = contextOf(manifest, vocabularies, targetOf(signature), shared, reads)
    try {
      tensors.push({ name: signature.name, step: compileTensor(specs, context) })
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
    tensors,
    demands: tensors.flatMap(({ step }) => step.demands),
    reads: [...reads].sort((left, right) => left - right),
  }
}

/** What keeps a tensor of the graph from being served. */
export function tensorProblem({ type, shape }: TensorSignature): string | undefined {
  if (!isTensorType(type)) return `must be a tensor of numbers, got ${type}`
  if (typeof shape[0] === 'number') {
    return `must have a dynamic batch dimension first, got ${shapeText(shape)}`
  }
  if (shape.length !== 1 && shape.length !== 2)
    return `must be [batch] or [batch, n], got ${shapeText(shape)}`
  return undefined
}

/** Thrown by a step that does not fit its tensor. */
export class StepProblem extends Error {}

export function namesOf(tensors: readonly TensorSignature[]): string {
  return tensors.map(({ name }) => name).join(', ')
}

function shapeText(shape: TensorSignature['shape']): string {
  return `[${shape.map((dimension) => (dimension === '' ? '?' : dimension)).join(', ')}]`
}

function targetOf({ name, type, shape }: TensorSignature): TensorTarget {
  invariant(isTensorType(type), `${name} was checked to be a tensor of numbers`)
  return {
    name,
    type,
    rank: shape.length === 1 ? 1 : 2,
    width: typeof shape[1] === 'number' ? shape[1] : undefined,
  }
}

function contextOf(
  manifest: Manifest,
  vocabularies: Readonly<Record<string, Vocabulary>>,
  tensor: TensorTarget,
  shared: Map<string, unknown>,
  reads: Set<number>,
): PreprocessContext {
  const position = (name: string) => positionOf(manifest.features, name)
  return {
    tensor,
    feature: (name) => manifest.features[position(name)],
    position(name) {
      reads.add(position(name))
      return position(name)
    },
    vocabulary: (name) => vocabularies[name],
    shared<T>(key: string, make: () => T): T {
      if (!shared.has(key)) shared.set(key, make())
      return shared.get(key) as T
    },
    fail(message) {
      throw new StepProblem(message)
    },
  }
}

export function positionOf(features: readonly FeatureSpec[], name: string): number {
  const position = features.findIndex((feature) => feature.name === name)
  invariant(position >= 0, `feature ${name} was checked to be there`)
  return position
}

function compileTensor(specs: StepSpec | readonly StepSpec[], context: PreprocessContext): TensorStep {
  const list = (Array.isArray(specs) ? specs : [specs]) as readonly StepSpec[]
  const steps = list.map((spec) => {
    const step = stepOf(spec, preprocessSteps)
    invariant(step, 'the manifest was checked to name a step')
    return { spec, step }
  })
  const [{ spec, step: first }] = steps
  if (first.fills === 'tensor') return first.compile(spec, context)
  return sideBySide(
    steps.map(({ spec: options, step }) => {
      invariant(step.fills === 'columns', 'the manifest was checked to list only column steps')
      return step.compile(options, context)
    }),
    context,
  )
}

/** One tensor of which each step fills neighbouring columns. */
function sideBySide(steps: readonly ColumnStep[], { tensor, fail }: PreprocessContext): TensorStep {
  const width = steps.reduce((sum, step) => sum + step.width, 0)
  const { type, rank } = tensor
  const expected = rank === 1 ? 1 : tensor.width
  if (expected !== undefined && expected !== width) fail(`must be ${expected} wide, got ${width} columns`)
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
