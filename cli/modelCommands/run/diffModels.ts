import { PresageError } from '../../../lib/errors'
import { readGolden } from '../../../models/compile/golden'
import type { FoundVersion } from '../../../models/repository/repository'
import { tryRows } from '../../../serving/calls/tryRows'
import type { Config } from '../../config/config'
import { readRepositories } from '../../graph/repositories'
import { printResult } from '../../terminal/printResult'
import { table } from '../../terminal/table'
import { type RowOptions, readRows } from '../read/readRows'
import { findWholeVersion } from '../read/repositories'
import { answerLocally, type LocalAnswers } from './answerLocally'
import { compareAnswers, comparisonSettings, type OutputDifference } from './compareAnswers'
import { diffManifests } from './diffManifests'

/** Compares contract, steps, manifest, and the answers to the same rows, by default those of the golden cases. */
export async function diffModels(
  config: Config,
  before: string,
  after: string,
  options: RowOptions,
): Promise<void> {
  const repository = readRepositories(config)
  const versions = [before, after].map((name) => findWholeVersion(repository, name))
  const named = readRows(options, versions[1].manifest.features)
  const rows = named ?? versions.flatMap(goldenInputs)
  const [one, two] = [
    await answerLocally(versions[0], repository, rows, tryRows),
    await answerLocally(versions[1], repository, rows, tryRows),
  ]
  const value = differences(one, two, rows.length, named === undefined ? 'golden cases' : 'given rows')
  printResult({ text: textOf(value), value }, options)
}

function differences(before: LocalAnswers, after: LocalAnswers, rows: number, of: string) {
  return {
    before: before.model.key,
    after: after.model.key,
    ...diffManifests(before.model, after.model),
    outputs: {
      rows,
      of,
      failures: Object.fromEntries([before, after].flatMap(failuresOf)),
      /** How far numbers that agree may be apart, relative to the greater one, or to 1. */
      tolerance: comparisonSettings.tolerance,
      compared: compareAnswers(before, after),
    },
  }
}

type Differences = ReturnType<typeof differences>

function goldenInputs({ goldenPath }: FoundVersion): readonly unknown[] {
  return goldenPath === undefined ? [] : readGolden(goldenPath).cases.map(({ input }) => input)
}

/** How many rows a version failed to answer, and the first error; nothing if it answered all. */
function failuresOf({ model, answers }: LocalAnswers) {
  const errors = answers.filter((answer) => answer instanceof PresageError)
  if (errors.length === 0) return []
  return [[model.key, { rows: errors.length, first: `${errors[0].code}: ${errors[0].message}` }] as const]
}

function textOf({ before, after, contract, steps, manifest, outputs }: Differences): string {
  return [
    `${before} → ${after}`,
    ...part('contract', contract),
    ...part('steps', steps),
    ...part('manifest', manifest),
    ...answerLines(outputs),
  ].join('\n')
}

function part(name: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [`${name}: no difference`] : [`${name}:`, ...lines.map((line) => `  ${line}`)]
}

function answerLines({ rows, of, failures, tolerance, compared }: Differences['outputs']): readonly string[] {
  if (rows === 0) return ['answers: not compared, since neither has golden cases; give rows to compare']
  return part(`answers to ${rows} rows (${of})`, [
    ...Object.entries(failures).map(([key, failed]) => {
      return `${key} cannot answer ${failed.rows}, the first because of ${failed.first}`
    }),
    ...(compared.length === 0 ? ['none that both answer'] : outputTable(compared).split('\n')),
    ...(compared.some(({ meanDifference }) => meanDifference !== undefined)
      ? [`numbers agree within ${tolerance} of the greater one, or of 1 if both are smaller`]
      : []),
  ])
}

function outputTable(compared: readonly OutputDifference[]): string {
  const figure = (value: number | undefined) =>
    value === undefined ? '' : String(Number(value.toPrecision(3)))
  const percent = (share: number | undefined) =>
    share === undefined ? '' : `${Math.round(share * 1000) / 10} %`
  return table([
    ['output', 'compared', 'agree', 'mean difference', 'largest', 'common items'],
    ...compared.map((one) => [
      one.output,
      String(one.rows),
      percent(one.agreement),
      figure(one.meanDifference),
      figure(one.maxDifference),
      percent(one.meanOverlap),
    ]),
  ])
}
