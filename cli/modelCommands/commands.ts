import type { Command } from 'commander'
import type { Config } from '../config/config'
import type { WithRuntime } from '../runtime/ensureRuntime'
import { type JsonOption, json } from '../terminal/printResult'
import type { RowOptions } from './read/readRows'
import type { GoldenOptions } from './run/goldenCases'
import type { ListOptions } from './show/listModels'

// Loaded when they run, so that they take no memory in a server.
const load = {
  listModels: () => require('./show/listModels') as typeof import('./show/listModels'),
  showModel: () => require('./show/showModel') as typeof import('./show/showModel'),
  tryModel: () => require('./run/tryModel') as typeof import('./run/tryModel'),
  diffModels: () => require('./run/diffModels') as typeof import('./run/diffModels'),
  goldenCases: () => require('./run/goldenCases') as typeof import('./run/goldenCases'),
  digestFiles: () => require('./run/digestFiles') as typeof import('./run/digestFiles'),
  listObjectives: () => require('./show/listObjectives') as typeof import('./show/listObjectives'),
  showObjective: () => require('./show/showObjective') as typeof import('./show/showObjective'),
}

const version = 'name@version, or a name for its newest version'
const features = [
  '--features <json>',
  'features of a row as a JSON object, or of rows as a list of them',
] as const
const file = ['--file <file>', 'a file of rows: JSON, or CSV with a header'] as const

/** Adds the commands of `presage models`. Exit codes: 0 done; 1 refused, or a row or golden case failed. */
export function addModelCommands(models: Command, config: () => Config, withRuntime: WithRuntime): void {
  models
    .command('list')
    .description('list the versions of the repositories, and how the rule file uses them')
    .option('--objective <name>', 'only versions that may serve this objective')
    .option(...json)
    .action((options: ListOptions) => load.listModels().listModels(config(), options))

  models
    .command('show')
    .argument('<name>', version)
    .description('show the manifest of a version, and how the rule file uses it')
    .option(...json)
    .action((name: string, options: JsonOption) => load.showModel().showModel(config(), name, options))

  models
    .command('try')
    .argument('<name>', version)
    .description('run a version on rows of its features; fail if it cannot answer one')
    .option(...features)
    .option(...file)
    .option(...json)
    .action((name: string, options: RowOptions) =>
      withRuntime(config(), (settings) => load.tryModel().tryModel(settings, name, options)),
    )

  models
    .command('diff')
    .argument('<before>', version)
    .argument('<after>', version)
    .description('compare two versions: contract, steps, manifest, and their answers to rows')
    .option(...features)
    .option('--file <file>', 'a file of rows, JSON or CSV (default: the inputs of the golden cases of both)')
    .option(...json)
    .action((before: string, after: string, options: RowOptions) =>
      withRuntime(config(), (settings) => load.diffModels().diffModels(settings, before, after, options)),
    )

  models
    .command('golden')
    .argument('<name>', version)
    .description("run a version's golden cases again; fail if an answer differs from the file")
    .option('--write', 'write the answers that differ into the file, instead of failing')
    .option(...json)
    .action((name: string, options: GoldenOptions) =>
      withRuntime(config(), (settings) => load.goldenCases().goldenCases(settings, name, options)),
    )

  models
    .command('digest')
    .argument('<name>', version)
    .description("write the size and SHA-256 of a version's files into its model.yaml")
    .option(...json)
    .action((name: string, options: JsonOption) => load.digestFiles().digestFiles(config(), name, options))
}

/** Adds the commands of `presage objectives`, which show the objectives of the repositories. */
export function addObjectiveCommands(objectives: Command, config: () => Config): void {
  objectives
    .command('list')
    .description('list the objectives of the repositories')
    .option(...json)
    .action((options: JsonOption) => load.listObjectives().listObjectives(config(), options))

  objectives
    .command('show <name>')
    .description('show the contract of an objective, and which versions the rule file uses for it')
    .option(...json)
    .action((name: string, options: JsonOption) =>
      load.showObjective().showObjective(config(), name, options),
    )
}
