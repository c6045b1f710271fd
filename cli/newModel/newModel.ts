import { existsSync, readdirSync } from 'node:fs'
import { basename, dirname, extname, join, resolve } from 'node:path'
import { LoadError } from '../../lib/errors'
import type { Objective } from '../../models/contracts/objective'
import { loadRepository, type Repository } from '../../models/repository/repository'
import type { Config } from '../config/config'
import { type JsonOption, printResult } from '../terminal/printResult'
import { type GraphFacts, readFacts } from './graph/graphFacts'
import { contractOf, type NewVersion, type Outcome, outcomeOf, outcomeText } from './outcome'
import { goldenFile, plainRun } from './plainRun'
import { modelName, objectiveName } from './propose/names'
import { proposeFeatures } from './propose/proposeFeatures'
import { proposeOutputs } from './propose/proposeOutputs'
import { openQuestions, type Questions } from './propose/questions'
import { readSamples } from './samples/readSamples'
import { manifestText, objectiveText } from './texts'
import { writeVersion } from './writeVersion'

export interface NewModelOptions extends JsonOption {
  readonly name?: string
  readonly objective?: string
  readonly samples?: string
  /** The root to write to; default: the first of the configuration. */
  readonly folder?: string
  readonly feature?: ReadonlyMap<string, string | undefined>
  readonly output?: ReadonlyMap<string, string>
  readonly yes?: boolean
}

/** Makes a version of an exported graph, and its objective if new. Throws a LoadError, and then writes nothing. */
export async function newModel(config: Config, path: string, options: NewModelOptions): Promise<void> {
  const graph = await readFacts(resolve(path))
  const questions = openQuestions(options.yes === true)
  try {
    const outcome = await makeVersion(config, graph, options, questions)
    printResult({ text: outcomeText(outcome), value: outcome }, options)
  } finally {
    questions.close()
  }
}

async function makeVersion(
  config: Config,
  graph: GraphFacts,
  options: NewModelOptions,
  questions: Questions,
): Promise<Outcome> {
  const repository = readObjectives(config, options)
  const samples = options.samples === undefined ? undefined : await readSamples(resolve(options.samples))
  const { name, version: wanted } = await nameOf(graph, options, questions)
  const objective = await objectiveOf(name, repository, options, questions)
  const existing = repository.objectives.get(objective)
  const root = rootOf(config, options, existing)
  const version = wanted ?? nextVersion(join(root, 'models', name))
  const stated = options.feature ?? new Map()
  const inputs = await proposeFeatures(graph.inputs, { samples, objective: existing, stated }, questions)
  const outputs = await proposeOutputs({
    outputs: graph.outputs,
    labels: graph.labels,
    objective: existing,
    stated: options.output ?? new Map(),
    questions,
  })
  const question = { text: 'What is predicted, for whom?', proposal: `What the model ${name} predicts` }
  const description = existing === undefined ? await questions.ask(question) : undefined
  questions.requireAnswers()
  const golden = samples && goldenFile(await plainRun(graph.session, inputs, outputs, samples))
  const parts = { name, version, objective, graph, inputs, outputs, hasGolden: golden !== undefined }
  if (questions.isTerminal) await confirm(parts, questions)
  const written = await writeVersion(
    root,
    {
      name,
      version,
      copies: {
        'model.onnx': graph.path,
        ...Object.fromEntries(graph.data.map(({ file }) => [file, join(dirname(graph.path), file)])),
      },
      texts: {
        ...(golden && { 'golden.json': golden.text }),
        'model.yaml': manifestText(parts),
      },
      ...(description !== undefined && {
        objective: { name: objective, text: objectiveText(objective, description, parts) },
      }),
    },
    repository.objectives,
  )
  return outcomeOf(config, parts, {
    isNewObjective: existing === undefined,
    goldenCases: golden?.cases ?? 0,
    files: written,
  })
}

type Objectives = Pick<Repository, 'objectives' | 'problems'>

/** Those of the configuration's roots, and of a folder that is none of them. */
function readObjectives({ repositories }: Config, { folder }: NewModelOptions): Objectives {
  const named = folder === undefined ? [] : [resolve(folder)]
  const other = named.filter((root) => !repositories.includes(root))
  const [known, own] = [repositories, other].map((roots) => loadRepository(roots.filter(holdsSomething)))
  return {
    // The folder may be a copy of a root: its own count.
    objectives: new Map([...known.objectives, ...own.objectives]),
    problems: [...known.problems, ...own.problems],
  }
}

/** A folder may become a root with its first version. */
function holdsSomething(root: string): boolean {
  return existsSync(join(root, 'models')) || existsSync(join(root, 'objectives'))
}

async function nameOf(graph: GraphFacts, { name: given }: NewModelOptions, questions: Questions) {
  const proposal = modelName(basename(graph.path, extname(graph.path)))
  const check = (text: string) => {
    return /^[A-Za-z0-9][A-Za-z0-9._-]*(@[A-Za-z0-9][A-Za-z0-9._-]*)?$/.test(text)
      ? undefined
      : 'must be text of letters, digits, -, _ and ., with @VERSION behind it or without'
  }
  const text =
    given ?? (await questions.ask({ text: 'Name of the model?', proposal, option: '--name', check }))
  const problem = check(text)
  if (problem !== undefined) throw new LoadError([`--name: ${problem}, got ${text}`])
  const [name, version] = text.split('@') as [string, string?]
  return { name, version }
}

async function objectiveOf(
  model: string,
  { objectives, problems }: Objectives,
  { objective: given }: NewModelOptions,
  questions: Questions,
): Promise<string> {
  if (problems.length > 0) throw new LoadError(problems)
  const known = objectives.size === 0 ? '' : ` (${[...objectives.keys()].join(', ')}, or a new one)`
  const text = `Name of the objective that it serves${known}?`
  const check = (name: string) =>
    /^[A-Za-z_][A-Za-z0-9_]*$/.test(name) ? undefined : 'must be a name of letters, digits and _'
  const name =
    given ?? (await questions.ask({ text, proposal: objectiveName(model), option: '--objective', check }))
  const problem = check(name)
  if (problem !== undefined) throw new LoadError([`--objective: ${problem}, got ${name}`])
  return name
}

/** The root that holds its objective, if that exists; else the first root. Throws a LoadError if there is none. */
function rootOf(config: Config, { folder }: NewModelOptions, objective: Objective | undefined): string {
  if (folder !== undefined) return resolve(folder)
  const beside =
    objective &&
    config.repositories.find((root) => resolve(objective.file).startsWith(join(root, 'objectives')))
  const root = beside ?? config.repositories[0]
  if (root === undefined)
    throw new LoadError(['--folder: must be given where repositories is empty, got nothing'])
  return root
}

function nextVersion(folder: string): string {
  const taken = existsSync(folder) ? readdirSync(folder).map(Number).filter(Number.isInteger) : []
  return String(Math.max(0, ...taken) + 1)
}

async function confirm(version: NewVersion, questions: Questions): Promise<void> {
  const { features, outputs } = contractOf(version)
  const listed = (types: Readonly<Record<string, string>>) =>
    Object.entries(types).map(([name, type]) => `  ${name}: ${type}`)
  const title = `${version.name}@${version.version} for ${version.objective}`
  console.error([title, 'features', ...listed(features), 'outputs', ...listed(outputs)].join('\n'))
  const check = (text: string) => (/^(y|yes|n|no)$/i.test(text) ? undefined : 'must be yes or no')
  const answer = await questions.ask({ text: 'Write it?', proposal: 'yes', check })
  if (/^n/i.test(answer)) throw new LoadError(['nothing was written: it was declined'])
}
