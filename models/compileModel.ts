import type { Column } from '../lib/column'
import { LoadError, PresageError, show } from '../lib/errors'
import { invariant } from '../lib/invariant'
import { type Admission, compileAdmission } from './admission'
import { checkOutputTensors } from './checkOutputTensors'
import { type CompiledInputs, compileInputs } from './compileInputs'
import { type CompiledOutput, compileOutputs } from './compileOutputs'
import { demandedSamples } from './demandedSamples'
import { readNumbers } from './elementType'
import type { FeatureSpec, Manifest } from './manifest'
import type { Model } from './model'
import type { OutputBatch, OutputNumbers } from './postprocess/step'
import type { Demand } from './preprocess/step'
import { RowErrorList } from './rowErrors'
import type { GraphSignature, Tensor, Tensors } from './tensor'
import type { Vocabulary } from './vocabulary'

/** What of a version is needed to compile it. */
export interface ModelSource {
  readonly manifest: Manifest
  readonly vocabularies: Readonly<Record<string, Vocabulary>>
}

/**
 * Compiles a version against what its graph says of itself. Throws `LoadError` with one line,
 * `where: expectation, got what`, further problems after a semicolon.
 */
export function compileModel({ manifest, vocabularies }: ModelSource, signature: GraphSignature): Model {
  const problems: string[] = []
  const inputs = compileInputs(manifest, vocabularies, signature.inputs, problems)
  const outputs = compileOutputs(manifest, vocabularies, signature.outputs, problems)
  if (problems.length > 0) throw new LoadError([problems.join('; ')])
  const { key, features } = manifest
  const demands = [...inputs.demands, ...outputs.flatMap(({ step }) => step.demands)]
  const admissions = features.map(compileAdmission)
  return {
    key,
    manifest,
    features,
    identity: inputs.reads,
    outputs: Object.freeze(outputs.map(({ spec }) => spec)),
    samples: demandedSamples(features, admissions, demands),
    admit: (raw, rows) => admit(key, features, admissions, demands, raw, rows),
    preprocess: (columns, rows) => preprocess(inputs, columns, rows),
    checkOutputs: (tensors, rows) => checkOutputTensors(key, signature.outputs, tensors, rows),
    postprocess: (tensors, columns, rows, wanted, tensorRow) =>
      postprocess(key, outputs, { tensors, columns, rows, tensorRow }, wanted),
  }
}

function admit(
  key: string,
  features: readonly FeatureSpec[],
  admissions: readonly Admission[],
  demands: readonly Demand[],
  raw: readonly (Column | undefined)[],
  rows: number,
): ReturnType<Model['admit']> {
  const errors = new RowErrorList(rows)
  const columns = admissions.map((admission, feature) =>
    admission.column(raw[feature], rows, (row, { expectation, got }) => {
      errors.add(row, () => badFeature(key, features[feature], expectation, got))
    }),
  )
  for (const demand of demands) {
    const column = columns[demand.feature]
    for (let row = 0; row < rows; row++) {
      if (errors.has(row)) continue
      const expectation = demand.check(column[row])
      if (expectation === undefined) continue
      errors.add(row, () => badFeature(key, features[demand.feature], expectation, show(column[row])))
    }
  }
  if (errors.errors !== undefined) {
    for (let row = 0; row < rows; row++) {
      if (!errors.has(row)) continue
      for (const column of columns) column[row] = null
    }
  }
  return { columns, errors: errors.errors }
}

function badFeature(
  key: string,
  { name, input }: FeatureSpec,
  expectation: string,
  got: string,
): PresageError {
  const which = input === name ? name : `${name} (input ${input})`
  return new PresageError('BAD_FEATURE', `${key}: feature ${which}: ${expectation}, got ${got}`, {
    model: key,
    feature: name,
    input,
  })
}

function preprocess({ tensors }: CompiledInputs, columns: readonly Column[], rows: number): Tensors {
  invariant(rows > 0, 'a batch has at least one row')
  const built: Record<string, Tensor> = {}
  for (const { name, step } of tensors) built[name] = step.build(columns, rows)
  return built
}

interface Answers {
  readonly tensors: Tensors
  readonly columns: readonly Column[]
  readonly rows: number
  readonly tensorRow: Int32Array | undefined
}

function postprocess(
  key: string,
  outputs: readonly CompiledOutput[],
  { tensors, columns, rows, tensorRow }: Answers,
  wanted: readonly string[],
): ReturnType<Model['postprocess']> {
  const needed = neededOutputs(key, outputs, wanted)
  const errors = new RowErrorList(rows)
  const numbers = new Map<string, OutputNumbers>()
  const built: Record<string, Column> = {}
  let building = ''
  const batch: OutputBatch = {
    rows,
    columns,
    output: (name) => built[name],
    numbers(name) {
      const known = numbers.get(name) ?? outputNumbers(tensors[name], rows, tensorRow)
      numbers.set(name, known)
      return known
    },
    fail(row, expectation, got) {
      errors.add(row, () => badOutput(key, building, expectation, got))
    },
  }
  for (let at = 0; at < outputs.length; at++) {
    if (!needed[at]) continue
    building = outputs[at].spec.name
    built[building] = outputs[at].step.build(batch)
  }
  return { outputs: Object.fromEntries(wanted.map((name) => [name, built[name]])), errors: errors.errors }
}

/** Which outputs to build: those wanted, and all that they read. */
function neededOutputs(
  key: string,
  outputs: readonly CompiledOutput[],
  wanted: readonly string[],
): boolean[] {
  const needed: boolean[] = new Array(outputs.length).fill(false)
  for (const name of wanted) {
    const position = outputs.findIndex(({ spec }) => spec.name === name)
    invariant(position >= 0, `${key} has an output ${name}`)
    needed[position] = true
  }
  // An output reads only what stands above it, so one pass from the end finds all.
  for (let at = outputs.length - 1; at >= 0; at--) {
    if (needed[at]) for (const read of outputs[at].reads) needed[read] = true
  }
  return needed
}

function outputNumbers(
  { data, dims }: Tensor,
  rows: number,
  tensorRow: Int32Array | undefined,
): OutputNumbers {
  const width = dims.length === 1 ? 1 : dims[1]
  const starts = new Int32Array(rows)
  for (let row = 0; row < rows; row++) starts[row] = (tensorRow === undefined ? row : tensorRow[row]) * width
  return { values: readNumbers(data), width, starts }
}

function badOutput(key: string, output: string, expectation: string, got: unknown): PresageError {
  return new PresageError('BAD_OUTPUT', `${key}: output ${output}: ${expectation}, got ${show(got)}`, {
    model: key,
    output,
  })
}
