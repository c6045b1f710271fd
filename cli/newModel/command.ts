import { type Command, InvalidArgumentError } from 'commander'
import type { Config } from '../config/config'
import type { WithRuntime } from '../runtime/ensureRuntime'
import { secondValue } from '../terminal/pairs'
import { json } from '../terminal/printResult'
import type { NewModelOptions } from './newModel'

/** `presage models new`. `config` may be an empty configuration, since a repository needs none. */
export function addNewModel(models: Command, config: () => Config, withRuntime: WithRuntime): void {
  models
    .command('new <file>')
    .description(
      'make a model version of an exported ONNX graph: manifest, golden cases and, if new, its objective',
    )
    .option('--name <name>', "the model's name, with @VERSION if it is not the next number")
    .option('--objective <name>', 'the objective that it serves; its file is written if there is none')
    .option(
      '--samples <file>',
      'rows to make golden cases of: CSV with a header, a JSON array of objects, or Parquet',
    )
    .option(
      '--feature <name=type...>',
      'a feature and its type (Float, Int, Boolean, String, ID), in the order of the columns; the type may be left out',
      parseFeature,
    )
    .option(
      '--output <name=source...>',
      "an output and where it comes from: one of the graph's, or one column of it such as probabilities.1",
      parseOutput,
    )
    .option(
      '--folder <folder>',
      'the folder of objectives/ and models/ (default: the first of the configuration)',
    )
    .option('-y, --yes', 'ask nothing, take what is proposed')
    .option(...json)
    .action((file: string, options: NewModelOptions) => {
      // Loaded only for this command, so that it takes no memory in a server.
      const load = () => require('./newModel') as typeof import('./newModel')
      return withRuntime(config(), (settings) => load().newModel(settings, file, options))
    })
}

function parseFeature(text: string, before: ReadonlyMap<string, string | undefined> = new Map()) {
  const [, name, type] = /^([A-Za-z_][A-Za-z0-9_]*)(?:=(Float|Int|Boolean|String|ID))?$/.exec(text) ?? []
  if (name === undefined) {
    throw new InvalidArgumentError(
      `must be NAME or NAME=TYPE with Float, Int, Boolean, String or ID, got ${text}`,
    )
  }
  const earlier = before.get(name)
  if (before.has(name)) throw secondValue(earlier === undefined ? name : `${name}=${earlier}`, text)
  return new Map(before).set(name, type)
}

function parseOutput(text: string, before: ReadonlyMap<string, string> = new Map()) {
  const [, name, source] = /^([A-Za-z_][A-Za-z0-9_]*)=(.+)$/.exec(text) ?? []
  if (name === undefined) throw new InvalidArgumentError(`must be NAME=OUTPUT, got ${text}`)
  if (before.has(name)) throw secondValue(`${name}=${before.get(name)}`, text)
  return new Map(before).set(name, source)
}
