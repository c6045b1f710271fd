import { LoadError, show } from '../../../lib/errors'
import type { TensorSignature } from '../../../models/types/tensor'
import type { Samples } from '../samples/readSamples'
import { fieldName, inputNameProblem, repeatedNames } from './names'
import type { ProposedInput } from './proposal'
import { columnsInput, type InputSources, listInput, type NamedColumn, widthOf } from './proposedInput'
import type { Questions } from './questions'

/**
 * Proposes which features fill the graph's inputs. An input with one column takes a feature of the same name. The
 * columns of a wider input are those that `--feature` names, else the columns of the samples that no other input uses,
 * in the order of the file; else the input takes one list. Throws a LoadError with everything that does not fit.
 */
export async function proposeFeatures(
  inputs: readonly TensorSignature[],
  sources: InputSources,
  questions: Questions,
): Promise<readonly ProposedInput[]> {
  const unnamed = inputs.flatMap(({ name }) => inputNameProblem(name) ?? [])
  if (unnamed.length > 0) throw new LoadError(unnamed)
  if (inputs.length === 0) throw new LoadError(['inputs of the graph: must be at least one, got none'])
  const problems: string[] = []
  const left: LeftColumns = {
    free: new Set(sources.samples?.columns.keys()),
    named: new Set(sources.stated.keys()),
  }
  const proposed = new Map<TensorSignature, ProposedInput>()
  for (const input of inputs.filter((one) => widthOf(one) === 1)) {
    const column = takeColumn(input.name, input, left, sources.samples, problems)
    proposed.set(input, columnsInput(input, [column], sources, problems))
  }
  for (const input of inputs.filter((one) => widthOf(one) !== 1)) {
    proposed.set(input, await wideInput(input, left, sources, questions, problems))
  }
  for (const name of left.named)
    problems.push(`--feature ${name}: must be a column of an input of the graph, got none left`)
  const all = inputs.map((input) => proposed.get(input) as ProposedInput)
  const columns = all.flatMap(({ tensor, features }) =>
    features.map(({ name, column = tensor }) => ({ name, column })),
  )
  for (const name of repeatedNames(columns.map((one) => one.name))) {
    const same = columns.filter((one) => one.name === name).map(({ column }) => column)
    problems.push(
      `feature ${name}: must be one, got several columns that would be called so (${same.join(', ')})`,
    )
  }
  if (problems.length > 0) throw new LoadError(problems)
  return all
}

/** What no input uses yet. */
interface LeftColumns {
  /** Columns of the samples. */
  readonly free: Set<string>
  /** Names given by `--feature`. */
  readonly named: Set<string>
}

async function wideInput(
  input: TensorSignature,
  left: LeftColumns,
  sources: InputSources,
  questions: Questions,
  problems: string[],
): Promise<ProposedInput> {
  const { samples } = sources
  const width = widthOf(input)
  const list = samples && [...left.free].find((name) => samples.columns.get(name)?.some(Array.isArray))
  if (list !== undefined && left.named.size === 0) {
    left.free.delete(list)
    return listInput(input, { name: fieldName(list), column: list }, sources, problems)
  }
  // A single column that nobody named is no list, else it would be taken by now.
  const areFound = left.named.size === 0 && left.free.size > 0
  const names = await namesOf(input, left, questions)
  if (names === undefined || (names.length === 1 && width !== undefined && !areFound)) {
    const name = names?.[0] ?? fieldName(input.name)
    return listInput(input, takeColumn(name, input, left, samples, problems), sources, problems)
  }
  if (width !== undefined && names.length !== width) {
    const got = `${names.length} (${names.join(', ')})`
    const advice =
      samples?.isText && names.some((name) => /[;\t]/.test(name))
        ? `${samples.file} must have commas between its columns`
        : 'give --feature NAME for each, in their order'
    problems.push(`input ${input.name} of the graph: must have ${width} columns, got ${got}; ${advice}`)
    for (const name of names) left.named.delete(name)
    return columnsInput(input, [], sources, problems)
  }
  const columns = names.map((name) => takeColumn(name, input, left, samples, problems))
  return columnsInput(input, columns, sources, problems)
}

/** The names of a wide input's columns, or of the one list that fills it; undefined if unknown. */
async function namesOf(
  input: TensorSignature,
  { free, named }: LeftColumns,
  questions: Questions,
): Promise<readonly string[] | undefined> {
  if (named.size > 0) return [...named]
  if (free.size > 0) return [...free]
  const width = widthOf(input)
  if (!questions.isTerminal || width === undefined) return undefined
  const split = (text: string) => text.split(',').map((name) => name.trim())
  const answer = await questions.ask({
    text: `Input ${input.name} has ${width} columns. Their names, separated by commas, or one name for a list of all?`,
    proposal: fieldName(input.name),
    check: (text) => {
      const names = split(text)
      if (names.some((name) => name !== fieldName(name))) return 'must be names of letters, digits and _'
      return [1, width].includes(names.length) ? undefined : `must be ${width} names, got ${names.length}`
    },
  })
  return split(answer)
}

/** Takes the sample column of this name. Without samples, the name is enough. */
function takeColumn(
  name: string,
  input: TensorSignature,
  left: LeftColumns,
  samples: Samples | undefined,
  problems: string[],
): NamedColumn {
  const feature = fieldName(name)
  left.named.delete(feature)
  const alike = [...left.free].filter((one) => fieldName(one) === feature)
  const column = left.free.has(name) ? name : alike[0]
  if (column !== name && alike.length > 1)
    problems.push(
      `${samples?.file}: must have one column for feature ${feature}, got ${alike.map(show).join(' and ')}`,
    )
  if (column !== undefined) left.free.delete(column)
  else if (samples !== undefined) problems.push(noColumn(name, input, left, samples))
  return { name: feature, ...(column !== undefined && { column }) }
}

function noColumn(name: string, input: TensorSignature, { free }: LeftColumns, { file }: Samples): string {
  const got = free.size === 0 ? 'none left' : [...free].join(', ')
  return `${file}: must have a column ${name} for input ${input.name} of the graph, got ${got}`
}
