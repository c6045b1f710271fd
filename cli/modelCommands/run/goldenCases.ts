import { writeFileSync } from 'node:fs'
import { LoadError, PresageError } from '../../../lib/errors'
import { readTextFile } from '../../../lib/files/readTextFile'
import { shortPath } from '../../../lib/packagePaths'
import { parseJson } from '../../../lib/readJson'
import {
  compareGolden,
  type GoldenCase,
  goldenText,
  readGolden,
  unknownFeature,
} from '../../../models/compile/golden'
import { casesAlone, mixedRowsProblem } from '../../../models/compile/mixedRows'
import { type TriedOutputs, tryOutputs } from '../../../serving/calls/tryRows'
import type { Config } from '../../config/config'
import { readRepositories } from '../../graph/repositories'
import { type JsonOption, printResult } from '../../terminal/printResult'
import { findWholeVersion } from '../read/repositories'
import { answerLocally } from './answerLocally'

export interface GoldenOptions extends JsonOption {
  readonly write?: boolean
}

interface Difference {
  readonly case: number
  /** `output: expected X, got Y` */
  readonly difference: string
}

/**
 * Runs a version's golden cases again and prints those that differ by more than the file's tolerance. With `write`, the
 * outputs that the file names are replaced by the answers; the rest of the file stays. Exits with 1 if cases differ and
 * nothing is written. Throws a LoadError if a version has no golden cases, if one names a feature that the version
 * does not have, if a case to be written failed, or if answers depend on the batch.
 */
export async function goldenCases(config: Config, name: string, options: GoldenOptions): Promise<void> {
  const repository = readRepositories(config)
  const version = findWholeVersion(repository, name)
  const { key, goldenPath } = version
  if (goldenPath === undefined) {
    throw new LoadError([`${key}: golden: must name a file of cases in model.yaml, got nothing`])
  }
  const { cases, tolerance } = readGolden(goldenPath)
  const unknown = unknownFeature(cases, version.manifest.features)
  if (unknown !== undefined) throw new LoadError([`${key}: ${unknown}`])
  const { model, answers, alone } = await answerLocally(
    version,
    repository,
    cases.map(({ input }) => input),
    tryOutputs,
    casesAlone(cases.length),
  )
  const mixed = [...alone].flatMap(([place, answer]) => {
    return mixedRowsProblem(place, answers[place], answer, model.outputs, tolerance) ?? []
  })
  if (mixed.length > 0) throw new LoadError([`${key}: ${mixed[0]}`])
  const differences = cases.flatMap((one, place): Difference[] => {
    const difference = compareGolden(one, answers[place], model.outputs, tolerance)
    return difference === undefined ? [] : [{ case: place, difference }]
  })
  const isWritten = options.write === true && differences.length > 0
  const file = shortPath(goldenPath)
  if (isWritten) writeOutputs(goldenPath, differences, answers)
  const lines = differences.map((one) => `case ${one.case}: ${one.difference}`)
  const count = `${differences.length} of ${cases.length} cases`
  const last =
    differences.length === 0
      ? `${key}: all ${cases.length} golden cases match ${file}`
      : `${key}: ${count} ${isWritten ? `were written to ${file}` : `differ from ${file}`}`
  printResult(
    {
      text: [...lines, last].join('\n'),
      value: { model: key, file, cases: cases.length, differences, written: isWritten },
      isDone: differences.length === 0 || isWritten,
    },
    options,
  )
}

/** Keeps any other keys of the file. */
function writeOutputs(
  path: string,
  differences: readonly Difference[],
  answers: readonly TriedOutputs[],
): void {
  const source = parseJson(readTextFile(path), shortPath(path)) as { readonly cases: GoldenCase[] }
  const problems: string[] = []
  for (const { case: place } of differences) {
    const answer = answers[place]
    const { output } = source.cases[place]
    const unknown = Object.keys(output).filter((name) => !Object.hasOwn(answer, name))
    problems.push(...unknown.map((name) => `case ${place}: ${name}: must be an output of the version`))
    // An output that fails as its case expects stays as it is.
    const failed = Object.fromEntries(
      Object.entries(output).filter(([name]) => answer[name] instanceof PresageError),
    )
    const problem = compareGolden({ input: {}, output: failed }, answer, [], 0)
    if (problem !== undefined) problems.push(`case ${place}: ${problem}`)
    const renewed = Object.fromEntries(Object.keys(output).map((name) => [name, answer[name]]))
    source.cases[place] = { ...source.cases[place], output: { ...renewed, ...failed } }
  }
  if (problems.length > 0) throw new LoadError(problems.map((problem) => `${shortPath(path)}: ${problem}`))
  writeFileSync(path, goldenText(source))
}
