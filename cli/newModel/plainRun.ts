import { LoadError } from '../../lib/errors'
import { shortLine } from '../../lib/files/shortLine'
import { type GoldenCase, goldenText, maxGoldenBytes } from '../../models/compile/golden'
import type { PlainSession, PlainTensor } from './graph/plainSession'
import type { ProposedInput, ProposedOutput } from './propose/proposal'
import type { Samples } from './samples/readSamples'
import { sampleValue } from './samples/sampleValue'

/** Few, since every start runs the golden cases. From all over the file, they are enough to show mistakes. */
const mostCases = 20

/**
 * Runs samples through the bare runtime, one row at a time, with code independent of the serving code. Comparing the
 * two finds a wrong step, or a graph that mixes the rows of a batch. Rejects with a LoadError for a row without an answer.
 */
export async function plainRun(
  session: PlainSession,
  inputs: readonly ProposedInput[],
  outputs: readonly ProposedOutput[],
  samples: Samples,
): Promise<readonly GoldenCase[]> {
  const cases: GoldenCase[] = []
  const tensors = [...new Set(outputs.map(({ tensor }) => tensor))]
  const answerTo = async (row: number) => {
    const feeds = Object.fromEntries(inputs.map((input) => [input.tensor, tensorOf(input, samples, row)]))
    return session.run(feeds, tensors)
  }
  for (const row of caseRows(inputs, samples)) {
    const results = await answerTo(row).catch((error: Error): never => {
      const got = shortLine(error.message)
      throw new LoadError([`${samples.file}: row ${row}: must be answered by the graph alone, got: ${got}`])
    })
    cases.push({
      input: Object.assign(
        {},
        ...inputs.map((input) => featuresOf(input, samples, row)),
      ) as GoldenCase['input'],
      output: Object.fromEntries(outputs.map((output) => [output.name, answerOf(output, results)])),
    })
  }
  return cases
}

/** Picks rows from all over the file, and for each column that may be empty a row in which it is. */
function caseRows(inputs: readonly ProposedInput[], samples: Samples): readonly number[] {
  const count = Math.min(mostCases, samples.rows)
  const rows = Array.from({ length: count }, (_, place) => Math.floor((place * samples.rows) / count))
  const empty = inputs.flatMap(({ features }) =>
    features.map(({ column = '' }) => samples.columns.get(column)?.indexOf(null) ?? -1),
  )
  return [...new Set([...rows, ...empty.filter((row) => row >= 0)])].sort((left, right) => left - right)
}

/** A golden file of cases from all over the rows: as many as a start reads. */
export function goldenFile(cases: readonly GoldenCase[]): { readonly text: string; readonly cases: number } {
  const text = goldenText({ tolerance: toleranceOf(cases), cases })
  if (cases.length === 1 || Buffer.byteLength(text) <= maxGoldenBytes) return { text, cases: cases.length }
  return goldenFile(cases.filter((_, place) => place % 2 === 0))
}

/** The largest difference allowed: the precision of float32 for numbers of this size. */
export function toleranceOf(cases: readonly GoldenCase[]): number {
  const numbers = cases
    .flatMap(({ output }) => Object.values(output).flat())
    .filter(Number.isFinite) as number[]
  // There may be more of them than a function takes arguments.
  const largest = numbers.reduce((most, number) => Math.max(most, Math.abs(number)), 1)
  return Number(`1e${Math.ceil(Math.log10(largest)) - 5}`)
}

function tensorOf(
  { elementType, rank, kind, features }: ProposedInput,
  samples: Samples,
  row: number,
): PlainTensor {
  const cells = features.flatMap(({ column = '' }) => cellsOf(samples, column, row))
  const dims = rank === 1 ? [1] : [1, cells.length]
  const values = cells.map((cell) => {
    if (kind === 'String') return String(cell ?? '')
    return Number(sampleValue(cell, 'Float', samples.isText) ?? Number.NaN)
  })
  return { type: elementType, dims, values }
}

function featuresOf({ kind, features }: ProposedInput, samples: Samples, row: number) {
  return Object.fromEntries(
    features.map(({ name, type, column = '' }) => {
      const cell = samples.columns.get(column)?.[row] ?? null
      if (type.startsWith('[')) return [name, cell]
      // A text of the graph may come from a feature that is a whole number.
      return [name, sampleValue(cell, type === 'Int' ? 'Int' : kind, samples.isText)]
    }),
  )
}

/** The values of one row; several if the column holds lists. */
function cellsOf(samples: Samples, column: string, row: number): readonly unknown[] {
  const cell = samples.columns.get(column)?.[row] ?? null
  return Array.isArray(cell) ? cell : [cell]
}

function answerOf(
  { tensor, item, type }: ProposedOutput,
  results: Readonly<Record<string, ArrayLike<unknown>>>,
): unknown {
  const values = Array.from(results[tensor], (value) => plain(value, type))
  if (item !== undefined) return values[item]
  return type.startsWith('[') ? values : values[0]
}

/** The form of golden cases: null for a number that is not finite. */
function plain(value: unknown, type: string): unknown {
  if (typeof value === 'bigint') return Number(value)
  if (type === 'Boolean' || type === '[Boolean!]') return Boolean(value)
  return typeof value === 'number' && !Number.isFinite(value) ? null : value
}
