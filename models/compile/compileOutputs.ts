import { invariant } from '../../lib/invariant'
import type { Manifest } from '../contracts/manifest'
import type { OutputSpec } from '../contracts/objective'
import type { Vocabulary } from '../contracts/vocabulary'
import { readOutputs } from '../manifest/readOutputs'
import { namesOf } from '../manifest/servesObjective'
import { stepOf } from '../manifest/stepShape'
import { postprocessSteps } from '../postprocess/registration'
import type { AnyOutput, GraphOutput, OutputStep } from '../postprocess/step'
import { isTensorType } from '../types/elementType'
import type { TensorSignature } from '../types/tensor'
import type { ValueType } from '../types/valueType'
import { positionsOf, StepProblem, tensorProblem } from './compileInputs'

export interface CompiledOutput {
  readonly spec: OutputSpec
  readonly step: OutputStep
  /** Positions of the outputs that it reads, all of them above it. */
  readonly reads: readonly number[]
}

/**
 * Compiles `postprocess` against the graph's outputs, in the manifest's order. Adds one line per problem to `problems`.
 */
export function compileOutputs(
  manifest: Manifest,
  vocabularies: Readonly<Record<string, Vocabulary>>,
  signatures: readonly TensorSignature[],
  problems: string[],
): readonly CompiledOutput[] {
  const graph = new Map<string, AnyOutput>()
  const before = problems.length
  const read = new Set(readOutputs(manifest))
  for (const signature of signatures) {
    // Runs do not yield it.
    if (!read.has(signature.name)) continue
    const problem = tensorProblem(signature)
    if (problem !== undefined) problems.push(`output ${signature.name} of the graph: ${problem}`)
    else graph.set(signature.name, graphOutput(signature))
  }
  // Steps that read a refused tensor would only repeat the problem.
  if (problems.length > before) return []
  const position = positionsOf(manifest.features)
  const outputs: CompiledOutput[] = []
  const positions = new Map<string, number>()
  for (const [name, spec] of Object.entries(manifest.postprocess)) {
    const step = stepOf(spec, postprocessSteps)
    const fail = (message: string): never => {
      throw new StepProblem(message)
    }
    const outputType = (above: string): ValueType => {
      const position = positions.get(above) ?? fail(`needs output ${above}, which was refused`)
      return outputs[position].spec.type
    }
    const valueNamed = (wanted: string): AnyOutput =>
      graph.get(wanted) ?? fail(`must read an output of the graph (${namesOf(signatures)}), got ${wanted}`)
    const graphNamed = (wanted: string): GraphOutput => {
      const output = valueNamed(wanted)
      return output.type === 'string' ? fail(`must read numbers, got text from ${wanted}`) : output
    }
    const outputsOfGraph = { graph: graphNamed, value: valueNamed }
    try {
      const type = step.type(spec, { ...outputsOfGraph, output: outputType, expected: undefined, fail })
      invariant(type, `the graph tells the type of ${name}`)
      const compiled = step.compile(spec, {
        ...outputsOfGraph,
        position,
        vocabulary: (vocabulary) => vocabularies[vocabulary],
        fail,
      })
      const reads = (step.reads(spec).outputs ?? []).map((read) => positions.get(read.name) as number)
      positions.set(name, outputs.length)
      outputs.push({ spec: { name, type }, step: compiled, reads })
    } catch (error) {
      if (!(error instanceof StepProblem)) throw error
      problems.push(`postprocess.${name}: ${error.message}`)
    }
  }
  return outputs
}

function graphOutput({ name, type, shape, classes }: TensorSignature): AnyOutput {
  invariant(type === 'string' || isTensorType(type), `${name} was checked to be a tensor`)
  const width = shape.length === 1 ? 1 : shape[1]
  const list = width !== 1
  return { name, type, list, width: typeof width === 'number' ? width : undefined, classes } as AnyOutput
}
