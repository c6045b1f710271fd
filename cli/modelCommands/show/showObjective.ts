import type { Config } from '../../config/config'
import { readRepositories } from '../../graph/repositories'
import { type JsonOption, printResult } from '../../terminal/printResult'
import { table } from '../../terminal/table'
import { findObjective, readRuleFile } from '../read/repositories'
import { describeContract } from './describeContract'
import { inputTable } from './inputTable'

/** Prints the contract of an objective, and the versions that the rule file can choose for it. */
export function showObjective(config: Config, name: string, options: JsonOption): void {
  const repository = readRepositories(config)
  const value = describeContract(findObjective(repository, name), repository, readRuleFile(config))
  printResult({ text: textOf(value), value }, options)
}

function textOf(shown: ReturnType<typeof describeContract>): string {
  const facts: [string, string | null][] = [
    ['description', shown.description],
    ['owner', shown.owner],
    ['unit', shown.unit],
    ['deadline', shown.deadlineMs === null ? null : `${shown.deadlineMs} ms`],
    ['rows', `at most ${shown.maxRows} per request`],
    ['cache', shown.cacheTtlMs === null ? null : `${shown.cacheTtlMs} ms`],
    ['versions', shown.versions.join(', ')],
    ['file', shown.file],
  ]
  const ways = shown.candidates.flatMap(({ model, shares }) =>
    shares.map(({ by, percent }) => [model, by, percent === null ? '' : `${percent} %`]),
  )
  return [
    shown.objective,
    table(facts.flatMap(([key, value]) => (value ? [[`  ${key}`, value]] : []))),
    '',
    inputTable('input', shown.inputs),
    '',
    table([
      ['output', 'type', 'measure', 'description'],
      ...shown.outputs.map((one) => [one.name, one.type, one.measure ?? '', one.description ?? '']),
    ]),
    ...(ways.length === 0 ? [] : ['', table([['model', 'by', 'share'], ...ways])]),
  ].join('\n')
}
