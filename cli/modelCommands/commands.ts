import type { Command } from 'commander'
import type { Config } from '../config/config'
import type { JsonOption } from '../terminal/printResult'
import type { DiffOptions } from './run/diffModels'
import type { GoldenOptions } from './run/goldenCases'
import type { TryOptions } from './run/tryModel'
import type { ListOptions } from './show/listModels'

const json = ['--json', 'print JSON'] as const
const version = 'name@version, or a name for its newest version'
const features = [
  '--features <json>',
  'features of a row as a JSON object, or of rows as a list of them',
] as const
const file = ['--file <file>', 'a file of rows: JSON, or CSV with a header'] as const

/**
 * Adds the commands of `presage models` that show and run versions from the repositories, without a server.
 * `withRuntime` makes sure that models can run. Exit codes: 0 done; 1 refused, or a row or golden case failed.
 */
export function addModelCommands(models: Command, config: () => Config, withRuntime: () => void): void {
  models
    .command('list')
    .description('list the versions of the repositories, and how the rule file uses them')
    .option('--objective <name>', 'only versions that may serve this objective')
    .option(...json)
    .action((options: ListOptions) => {
      const { listModels }: typeof import('./show/listModels') = require('./show/listModels')
      listModels(config(), options)
    })

  models
    .command('show')
    .argument('<name>', version)
    .description('show the manifest of a version, and how the rule file uses it')
    .option(...json)
    .action((name: string, options: JsonOption) => {
      const { showModel }: typeof import('./show/showModel') = require('./show/showModel')
      showModel(config(), name, options)
    })

  models
    .command('try')
    .argument('<name>', version)
    .description('run a version on rows of its features; fail if it cannot answer one')
    .option(...features)
    .option(...file)
    .option(...json)
    .action((name: string, options: TryOptions) => {
      const settings = config()
      withRuntime()
      const { tryModel }: typeof import('./run/tryModel') = require('./run/tryModel')
      return tryModel(settings, name, options)
    })

  models
    .command('diff')
    .argument('<before>', version)
    .argument('<after>', version)
    .description('compare two versions: contract, steps, manifest, and their answers to rows')
    .option(...features)
    .option('--file <file>', 'a file of rows, JSON or CSV (default: the inputs of the golden cases of both)')
    .option(...json)
    .action((before: string, after: string, options: DiffOptions) => {
      const settings = config()
      withRuntime()
      const { diffModels }: typeof import('./run/diffModels') = require('./run/diffModels')
      return diffModels(settings, before, after, options)
    })

  models
    .command('golden')
    .argument('<name>', version)
    .description("run a version's golden cases again; fail if an answer differs from the file")
    .option('--write', 'write the answers that differ into the file, instead of failing')
    .option(...json)
    .action((name: string, options: GoldenOptions) => {
      const settings = config()
      withRuntime()
      const { goldenCases }: typeof import('./run/goldenCases') = require('./run/goldenCases')
      return goldenCases(settings, name, options)
    })
}

/** Adds the commands of `presage objectives`, which show the objectives of the repositories. */
export function addObjectiveCommands(objectives: Command, config: () => Config): void {
  objectives
    .command('list')
    .description('list the objectives of the repositories')
    .option(...json)
    .action((options: JsonOption) => {
      const { listObjectives }: typeof import('./show/listObjectives') = require('./show/listObjectives')
      listObjectives(config(), options)
    })

  objectives
    .command('show <name>')
    .description('show the contract of an objective, and which versions the rule file uses for it')
    .option(...json)
    .action((name: string, options: JsonOption) => {
      const { showObjective }: typeof import('./show/showObjective') = require('./show/showObjective')
      showObjective(config(), name, options)
    })
}
