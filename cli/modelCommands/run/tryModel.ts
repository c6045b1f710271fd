import { LoadError, PresageError } from '../../../lib/errors'
import { didYouMean } from '../../../lib/files/nearMiss'
import { isMap } from '../../../lib/isMap'
import type { FoundVersion } from '../../../models/repository/repository'
import { shownRow, tryRows } from '../../../serving/calls/tryRows'
import type { Config } from '../../config/config'
import { readRepositories } from '../../graph/repositories'
import { flowYaml } from '../../terminal/flowYaml'
import { printResult } from '../../terminal/printResult'
import { table } from '../../terminal/table'
import { type RowOptions, readRows } from '../read/readRows'
import { findWholeVersion } from '../read/repositories'
import { answerLocally } from './answerLocally'

/** Runs a version on rows and prints its outputs, a line for each row. Exits with 1 if a row could not be answered. */
export async function tryModel(config: Config, name: string, options: RowOptions): Promise<void> {
  if (options.features === undefined && options.file === undefined)
    throw new LoadError(['models try: needs --features or --file, got neither'])
  const repository = readRepositories(config)
  const version = findWholeVersion(repository, name)
  const rows = readRows(options, version.manifest.features) ?? []
  for (const line of unknownFeatures(version, rows)) console.error(`warning: ${line}`)
  const { model, answers } = await answerLocally(version, repository, rows, tryRows)
  const outputs = model.outputs.map((output) => output.name)
  const lines = answers.map((answer, row) =>
    answer instanceof PresageError
      ? [String(row), ...outputs.map(() => ''), `${answer.code}: ${answer.message}`]
      : [String(row), ...outputs.map((output) => shortened(flowYaml(answer[output]))), ''],
  )
  const failed = answers.filter((answer) => answer instanceof PresageError).length
  const text = table([['row', ...outputs, failed > 0 ? 'error' : ''], ...lines])
  const value = { model: model.key, rows: answers.map(shownRow) }
  printResult({ text, value, isDone: failed === 0 }, options)
}

/** A line for each name that no feature has. The version ignores it, as it does for fields. */
function unknownFeatures({ key, manifest }: FoundVersion, rows: readonly unknown[]): readonly string[] {
  const known = manifest.features.map(({ name }) => name)
  const given = new Set(rows.flatMap((row) => (isMap(row) ? Object.keys(row) : [])))
  return [...given]
    .filter((name) => !known.includes(name))
    .map((name) => `${name} is not a feature of ${key}, and is ignored${didYouMean(name, known)}`)
}

/** Shortens long lists; `--json` prints them in full. */
function shortened(text: string): string {
  return text.length > 60 ? `${text.slice(0, 57)}...` : text
}
