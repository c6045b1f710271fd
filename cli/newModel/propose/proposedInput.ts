import type { StepSpec } from '../../../models/contracts/manifest'
import type { Objective } from '../../../models/contracts/objective'
import { isFloat, isTensorType } from '../../../models/types/elementType'
import { printType } from '../../../models/types/parseType'
import type { TensorSignature } from '../../../models/types/tensor'
import type { Samples } from '../samples/readSamples'
import { areFlags, type SampleKind, sampleProblem } from '../samples/sampleValue'
import type { ProposedFeature, ProposedInput } from './proposal'

/** A column of a graph's input: the name of its feature, and its column of the samples. */
export interface NamedColumn {
  readonly name: string
  readonly column?: string
}

export interface InputSources {
  readonly samples?: Samples
  /** The objective to serve, if it exists. */
  readonly objective?: Objective
  /** From `--feature`: types by name, in the order of the columns; undefined if only the name is given. */
  readonly stated: ReadonlyMap<string, string | undefined>
}

/** An input that takes one feature per column. Adds what does not fit to `problems`. */
export function columnsInput(
  input: TensorSignature,
  columns: readonly NamedColumn[],
  sources: InputSources,
  problems: string[],
): ProposedInput {
  const kind = kindOf(input, problems)
  const features = columns.map((column) => featureOf(column, kind, sources, problems))
  const steps = features.map((feature) => stepOf(feature, kind, input, problems))
  return { tensor: input.name, elementType: input.type, rank: input.shape.length, kind, features, steps }
}

/** An input that takes one list of numbers. Adds what does not fit to `problems`. */
export function listInput(
  input: TensorSignature,
  { name, column }: NamedColumn,
  { samples }: InputSources,
  problems: string[],
): ProposedInput {
  const kind = kindOf(input, problems)
  const values = column === undefined ? undefined : samples?.columns.get(column)
  const length = widthOf(input) ?? (values?.find(Array.isArray) as readonly unknown[] | undefined)?.length
  if (kind === 'String' || length === undefined) {
    problems.push(
      `input ${input.name} of the graph: needs the names of its columns; give --feature NAME for each`,
    )
  }
  const odd = values?.findIndex((value) => !Array.isArray(value) || value.length !== length) ?? -1
  if (odd >= 0) problems.push(`${samples?.file}: row ${odd}: ${column}: must be a list of ${length} numbers`)
  return {
    tensor: input.name,
    elementType: input.type,
    rank: input.shape.length,
    kind,
    features: [{ name, type: `[${kind}!]`, length, nullable: false, column }],
    steps: [{ vector: name, length }],
  }
}

/** Number of columns: one if a row has one value, undefined if the graph leaves it open. */
export function widthOf({ shape }: TensorSignature): number | undefined {
  if (shape.length < 2) return 1
  return typeof shape[1] === 'number' ? shape[1] : undefined
}

function kindOf({ name, type, shape }: TensorSignature, problems: string[]): SampleKind {
  if (shape.length > 2) {
    problems.push(`input ${name} of the graph: must be [batch] or [batch, n], got ${shape.length} dimensions`)
  }
  if (type === 'string') return 'String'
  if (!isTensorType(type)) {
    problems.push(`input ${name} of the graph: must be a tensor of numbers or texts, got ${type}`)
    return 'Float'
  }
  return type === 'bool' ? 'Boolean' : isFloat(type) ? 'Float' : 'Int'
}

function featureOf(
  { name, column }: NamedColumn,
  kind: SampleKind,
  { samples, stated, objective }: InputSources,
  problems: string[],
): ProposedFeature {
  const input =
    objective?.inputs.find((one) => one.name === name) ??
    objective?.inputs.find((one) => plainly(one.name) === plainly(name))
  const values = column === undefined ? undefined : samples?.columns.get(column)
  // The graph takes an enum's labels as texts.
  const declared = input && (input.type.kind === 'enum' ? 'String' : printType(input.type))
  const isFlag = kind !== 'String' && areFlags(values ?? [], samples?.isText === true)
  const type = stated.get(name) ?? declared ?? (isFlag ? 'Boolean' : kind)
  const asked = type === 'Int' || type === 'Float' || type === 'Boolean' ? type : kind
  if (samples !== undefined && values !== undefined) {
    const row = values.findIndex((value) => sampleProblem(value, asked, samples.isText) !== undefined)
    if (row >= 0)
      problems.push(
        `${samples.file}: row ${row}: ${column}: ${sampleProblem(values[row], asked, samples.isText)}`,
      )
  }
  const nullable = input?.nullable === true || values?.includes(null) === true
  return {
    name,
    type,
    nullable,
    ...(column !== undefined && { column }),
    ...(input && input.name !== name && { input: input.name }),
  }
}

/** Ignores case and underscores: people read `home_owner` and `homeOwner` as the same name. */
function plainly(name: string): string {
  return name.replaceAll('_', '').toLowerCase()
}

function stepOf(
  { name, type, nullable }: ProposedFeature,
  kind: SampleKind,
  input: TensorSignature,
  problems: string[],
): StepSpec {
  // Only the graph's author knows what stands for null; exporters that use a text use this one.
  if (kind === 'String') return { text: name, ...(nullable && { fill: '' }) }
  const where = `input ${input.name} of the graph`
  if (nullable && kind !== 'Float') {
    problems.push(`${where}: takes no null, since ${input.type} has no NaN, and feature ${name} may be null`)
  }
  if (!['Int', 'Float', 'Boolean'].includes(type)) {
    problems.push(`${where}: must be filled by numbers or Booleans, got feature ${name}, which is ${type}`)
  }
  return { number: name }
}
