import { invariant } from '../../lib/invariant'
import type { FeatureSpec, Manifest } from '../contracts/manifest'
import type { Vocabulary } from '../contracts/vocabulary'
import type { Demand, PreprocessContext, TensorStep, TensorTarget } from '../preprocess/step'
import { isTensorType } from '../types/elementType'
import type { TensorSignature, TensorType } from '../types/tensor'
import { type ContextOf, compileTensor } from './compileTensor'

/** The graph's inputs, each with the step that fills it. */
export interface CompiledInputs {
  readonly tensors: readonly { readonly name: string; readonly step: TensorStep }[]
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
  const tensors: { name: string; step: TensorStep }[] = []
  const reads = new Set<number>()
  const contextOf: ContextOf = (tensor) => stepContext(manifest, vocabularies, tensor, shared, reads)
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
    tensors,
    demands: tensors.flatMap(({ step }) => step.demands),
    reads: [...reads].sort((left, right) => left - right),
  }
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

export function namesOf(tensors: readonly TensorSignature[]): string {
  return tensors.map(({ name }) => name).join(', ')
}

function shapeText(shape: TensorSignature['shape']): string {
  return `[${shape.map((dimension) => (dimension === '' ? '?' : dimension)).join(', ')}]`
}

function targetOf({ name, type, shape }: TensorSignature): TensorTarget<TensorType | 'string'> {
  invariant(type === 'string' || isTensorType(type), `${name} was checked to be a tensor`)
  return {
    name,
    type,
    rank: shape.length === 1 ? 1 : 2,
    width: typeof shape[1] === 'number' ? shape[1] : undefined,
  }
}

function stepContext<T>(
  manifest: Manifest,
  vocabularies: Readonly<Record<string, Vocabulary>>,
  tensor: TensorTarget<T>,
  shared: Map<string, unknown>,
  reads: Set<number>,
): PreprocessContext<T> {
  const position = (name: string) => positionOf(manifest.features, name)
  return {
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
  }
}

export function positionOf(features: readonly FeatureSpec[], name: string): number {
  const position = features.findIndex((feature) => feature.name === name)
  invariant(position >= 0, `feature ${name} was checked to be there`)
  return position
}
