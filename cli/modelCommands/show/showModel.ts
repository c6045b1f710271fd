import { shortPath } from '../../../lib/packagePaths'
import type { Manifest } from '../../../models/contracts/manifest'
import type { Repository, RepositoryVersion } from '../../../models/repository/repository'
import { printType } from '../../../models/types/parseType'
import { describeManifest } from '../../../platform/describeManifest'
import { countGoldenCases } from '../../../platform/filesOfVersion'
import type { Config } from '../../config/config'
import { readRepositories } from '../../graph/repositories'
import { flowYaml } from '../../terminal/flowYaml'
import { type JsonOption, printResult } from '../../terminal/printResult'
import { table } from '../../terminal/table'
import { findVersion, readRuleFile } from '../read/repositories'
import { contractOf, versionProblems } from '../read/versionProblems'
import { inputTable } from './inputTable'
import { modelShares } from './modelShares'

/** Prints a version's manifest and how the rule file can choose it. Loads nothing. */
export function showModel(config: Config, name: string, options: JsonOption): void {
  const repository = readRepositories(config)
  const version = findVersion(repository, name)
  const model = describe(config, repository, version)
  printResult({ text: textOf(model, version.manifest), value: model }, options)
}

function describe(config: Config, repository: Repository, version: RepositoryVersion) {
  const { key, directory, manifest } = version
  return {
    model: key,
    folder: shortPath(directory),
    problems: versionProblems(version, repository),
    ...describeManifest(manifest),
    outputs: outputsOf(version, repository),
    goldenCases: countGoldenCases(version),
    rules: modelShares(readRuleFile(config), key),
  }
}

type Shown = ReturnType<typeof describe>

/** The outputs by name; a type is null if only the graph can tell it. */
function outputsOf(version: RepositoryVersion, repository: Repository) {
  const outputs = contractOf(version, repository)?.outputs ?? []
  return outputs.map(({ name, type }) => ({ name, type: type === undefined ? null : printType(type) }))
}

function textOf(shown: Shown, manifest: Manifest | undefined): string {
  const facts: [string, string | undefined][] = [
    ...shown.problems.map((problem): [string, string] => ['problem', problem]),
    ['serves', shown.serves.join(', ')],
    ['rules', shown.rules.map(({ objective, by }) => `${objective}: ${by}`).join('; ')],
    ['description', shown.description],
    ['owner', shown.owner],
    ['licence', shown.licence],
    ['metrics', shown.metrics.map(({ name, value }) => `${name} ${value}`).join('; ')],
    ['graph', manifest && `${manifest.graph.file}, ${manifest.graph.bytes} bytes`],
    ['weights', manifest?.graph.data?.map(({ file, bytes }) => `${file}, ${bytes} bytes`).join('; ')],
    ['sha256', shown.sha256],
    ['batching', manifest && flowYaml(manifest.batching)],
    // Those of a version that is refused are not read; why it is stands above.
    [
      'golden cases',
      String(shown.goldenCases ?? (shown.problems.length > 0 ? 'not read' : 'cannot be read')),
    ],
    ['folder', shown.folder],
  ]
  const types = new Map(shown.outputs.map(({ name, type }) => [name, type]))
  return [
    shown.model,
    table(facts.flatMap(([key, value]) => (value ? [[`  ${key}`, value]] : []))),
    ...(manifest === undefined
      ? []
      : [
          '',
          inputTable('feature', shown.features),
          '',
          table([['input of the graph', 'made by'], ...shown.preprocess.flatMap(stepRows)]),
          '',
          table([
            ['output', 'type', 'made by'],
            ...shown.postprocess.map(({ name, step }) => [name, types.get(name) ?? '', flowYaml(step)]),
          ]),
        ]),
  ].join('\n')
}

/** Parallel steps get a line each. */
function stepRows({ name, step }: Shown['preprocess'][number]): string[][] {
  return [step].flat().map((one, place) => [place === 0 ? name : '', flowYaml(one)])
}
