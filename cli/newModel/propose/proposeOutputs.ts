import { LoadError } from '../../../lib/errors'
import { nearMiss } from '../../../lib/files/nearMiss'
import type { Objective, OutputSpec } from '../../../models/contracts/objective'
import { isFloat, isTensorType } from '../../../models/types/elementType'
import { printType } from '../../../models/types/parseType'
import type { ClassLabels, TensorSignature } from '../../../models/types/tensor'
import { anotherName, fieldName, repeatedNames } from './names'
import type { ProposedOutput } from './proposal'
import type { Questions } from './questions'

export interface OutputSources {
  readonly outputs: readonly TensorSignature[]
  readonly labels?: ClassLabels
  /** The objective to serve, if it exists. */
  readonly objective?: Objective
  /** From `--output`: an output of the graph, or `tensor.item`, by name. */
  readonly stated: ReadonlyMap<string, string>
  readonly questions: Questions
}

/**
 * Proposes outputs. For a classifier: the label, and the probability of one class if there are two, else of all classes
 * in the order of the labels. For any other graph: each output of the graph, called `prediction` if it is the only one.
 * If the objective exists, its names are used. Throws a LoadError.
 */
export async function proposeOutputs(sources: OutputSources): Promise<readonly ProposedOutput[]> {
  const { stated, objective } = sources
  // An output that no step reads may be of any type.
  const outputs = sources.outputs.filter((output) => outputProblem(output) === undefined)
  if (outputs.length === 0)
    throw new LoadError(sources.outputs.flatMap((output) => outputProblem(output) ?? []))
  const problems: string[] = []
  const all =
    stated.size > 0
      ? [...stated].flatMap(
          ([name, source]) => statedOutput(name, source, { ...sources, outputs }, problems) ?? [],
        )
      : await proposals({ ...sources, outputs })
  if (problems.length > 0) throw new LoadError(problems)
  const named = objective === undefined ? all : inWordsOf(objective, all)
  const repeated = repeatedNames(named.map(({ name }) => name))
  if (repeated.length > 0)
    throw new LoadError(
      repeated.map((name) => {
        const tensors = named.flatMap((output) => (output.name === name ? output.tensor : []))
        return `output ${name}: must be one, got several of the graph that would be called so (${tensors.join(', ')}); give --output NAME=SOURCE for each`
      }),
    )
  return named
}

async function proposals(sources: OutputSources): Promise<readonly ProposedOutput[]> {
  const { outputs, labels, questions } = sources
  const probabilities = outputs.find((output) => isProbabilities(output, labels))
  if (labels === undefined || probabilities === undefined) {
    return outputs.map((output) =>
      whole(output, outputs.length === 1 ? 'prediction' : fieldName(output.name)),
    )
  }
  const rest = outputs.filter((output) => output !== probabilities)
  const others = rest.map((output) => {
    const name = rest.length === 1 ? 'label' : fieldName(output.name)
    const label = { ...whole(output, name), description: `The likeliest class: ${labels.join(' or ')}` }
    // onnxmltools declares the label of LightGBM for a single row, which is refused unless the maps tell that it is a
    // label.
    return typeof output.shape[0] === 'number' ? { ...label, step: { argMax: probabilities.name } } : label
  })
  if (labels.length !== 2) {
    const description = `Probabilities of the classes ${labels.join(', ')}, in this order`
    return [...others, { ...whole(probabilities, 'probabilities'), description }]
  }
  const answer = await questions.ask({
    text: `The probability of which class (${labels.join(', ')})?`,
    proposal: String(labels[1]),
    check: (text) => (labels.map(String).includes(text) ? undefined : `must be ${labels.join(' or ')}`),
  })
  const item = labels.map(String).indexOf(answer)
  return [...others, oneOf(probabilities, 'probability', item, labels)]
}

function statedOutput(
  name: string,
  source: string,
  { outputs, labels }: OutputSources,
  problems: string[],
): ProposedOutput | undefined {
  // Tensor names may contain dots.
  const exact = outputs.find((output) => output.name === source)
  if (exact !== undefined) return whole(exact, name)
  const [, tensor, item] = /^(.*)\.(\d+)$/.exec(source) ?? []
  const output = outputs.find((one) => one.name === tensor)
  if (output !== undefined)
    return oneOf(output, name, Number(item), isProbabilities(output, labels) ? labels : undefined)
  const known = outputs.map((one) => one.name)
  problems.push(
    `--output ${name}: must be an output of the graph, or one column of it such as ${known[0]}.0, got ${source}${nearMiss(source, known)}`,
  )
  return undefined
}

/** Gives the outputs the objective's names: that of the same name, else the only one of a fitting type. */
function inWordsOf(objective: Objective, outputs: readonly ProposedOutput[]): readonly ProposedOutput[] {
  const problems: string[] = []
  const named = new Map<ProposedOutput, string>()
  for (const wanted of objective.outputs) {
    if (outputs.some(({ name }) => name === wanted.name)) continue
    const fitting = outputs.filter((output) => {
      return fits(output, wanted) && !objective.outputs.some(({ name }) => name === output.name)
    })
    if (fitting.length === 1 && !named.has(fitting[0])) named.set(fitting[0], wanted.name)
    else {
      const sources = outputs.map(({ tensor, item }) => (item === undefined ? tensor : `${tensor}.${item}`))
      problems.push(
        `output ${wanted.name} of ${objective.name} (${printType(wanted.type)}): must come from an output of the graph; ` +
          `give --output ${wanted.name}=NAME (${sources.join(', ')})`,
      )
    }
  }
  if (problems.length > 0) throw new LoadError(problems)
  return outputs.map((output) => {
    const name = named.get(output) ?? output.name
    const wanted = objective.outputs.find((one) => one.name === name)
    if (wanted?.type.kind !== 'enum' || output.type !== 'String') return { ...output, name }
    return { ...output, name, step: { ...output.step, labels: wanted.type.labels } }
  })
}

function fits({ type }: ProposedOutput, wanted: OutputSpec): boolean {
  if (wanted.type.kind === 'enum') return type === 'String'
  const text = printType(wanted.type)
  return type === text || (type === 'Int' && text === 'Float')
}

/** Whether the tensor holds floats, one column for each label. */
function isProbabilities({ type, shape }: TensorSignature, labels: ClassLabels | undefined): boolean {
  return (
    labels !== undefined &&
    isTensorType(type) &&
    isFloat(type) &&
    shape.length === 2 &&
    (typeof shape[1] !== 'number' || shape[1] === labels.length)
  )
}

function whole(output: TensorSignature, name: string): ProposedOutput {
  const isList = output.shape.length === 2 && output.shape[1] !== 1
  const scalar = scalarOf(output)
  const description = `Output ${output.name} of the graph`
  const type = isList ? `[${scalar}!]` : scalar
  return { name, tensor: output.name, step: { column: output.name }, type, description }
}

function oneOf(output: TensorSignature, name: string, item: number, labels?: ClassLabels): ProposedOutput {
  const description =
    labels?.[item] === undefined
      ? `Column ${item} of output ${output.name} of the graph`
      : `Probability of ${labels[item]}`
  const label = output.classes?.[item]
  const which = label === undefined ? { item } : { class: label }
  const step = { column: output.name, ...which }
  return { name, tensor: output.name, item, step, type: scalarOf(output), description }
}

function scalarOf({ type }: TensorSignature): string {
  if (type === 'string') return 'String'
  if (type === 'bool') return 'Boolean'
  return isTensorType(type) && isFloat(type) ? 'Float' : 'Int'
}

function outputProblem({ name, type, shape }: TensorSignature): string | undefined {
  const where = `output ${name} of the graph`
  if (name === '__proto__') return `${where}: ${anotherName}`
  if (type !== 'string' && !isTensorType(type))
    return `${where}: must be a tensor of numbers or texts, got ${type}`
  if (shape.length === 1 || shape.length === 2) return undefined
  return `${where}: must be [batch] or [batch, n], got ${shape.length} dimensions`
}
