import { LoadError } from '../../lib/errors'
import { shortPath } from '../../lib/packagePaths'
import type { Use } from '../../routing/ruleSet/ruleSet'
import type { Config } from '../config/config'
import { readRuleFile } from '../modelCommands/read/repositories'
import type { GraphFacts } from './graph/graphFacts'
import { fieldName } from './propose/names'
import type { ProposedFeature, ProposedInput, ProposedOutput } from './propose/proposal'

/** A version, with everything that its files are made from. */
export interface NewVersion {
  readonly name: string
  readonly version: string
  readonly objective: string
  readonly inputs: readonly ProposedInput[]
  readonly outputs: readonly ProposedOutput[]
}

/** A version whose graph a converter has made. */
type ConvertedVersion = NewVersion & { readonly graph: Pick<GraphFacts, 'hasTrees'> }

/** The result of the command, as `--json` prints it. */
export interface Outcome {
  readonly key: string
  readonly objective: string
  readonly isNewObjective: boolean
  readonly features: Readonly<Record<string, string>>
  readonly outputs: Readonly<Record<string, string>>
  readonly goldenCases: number
  /** Rows for which the graph may answer otherwise than the model in Python, a line for each cause. */
  readonly mayDiffer: readonly string[]
  readonly files: readonly string[]
  readonly next: readonly string[]
}

export function outcomeOf(
  config: Config,
  version: ConvertedVersion,
  made: Pick<Outcome, 'isNewObjective' | 'goldenCases' | 'files'>,
): Outcome {
  const key = `${version.name}@${version.version}`
  return {
    key,
    objective: version.objective,
    ...contractOf(version),
    ...made,
    mayDiffer: mayDiffer(version),
    files: made.files.map(shortPath),
    next: [
      ...(made.isNewObjective ? fieldLines(version) : []),
      ...ruleLines(shortPath(config.rules), version.objective, key, ruleOf(config, version, made)),
      'presage start',
      `presage models try ${key} --file ROWS.csv --json, to compare its answers with those in Python`,
    ],
  }
}

/** The rule that the objective has already. */
function ruleOf(
  config: Config,
  { objective }: NewVersion,
  { isNewObjective }: Pick<Outcome, 'isNewObjective'>,
): { readonly default?: Use } | undefined {
  try {
    return readRuleFile(config)?.objectives[objective]
  } catch (error) {
    // The version is written, whatever the rule file has.
    if (error instanceof LoadError) return isNewObjective ? undefined : {}
    throw error
  }
}

/** A version goes beside the one that answers already: its answers are recorded first, then a few units get them. */
function ruleLines(
  file: string,
  objective: string,
  key: string,
  rule: { readonly default?: Use } | undefined,
): readonly string[] {
  if (rule === undefined) return [`in ${file}, under objectives:  ${objective}: { default: ${key} }`]
  const of = typeof rule.default === 'string' ? rule.default : undefined
  // A team may write its rule first.
  if (of === key) return [`${file} names ${key} as the default of ${objective} already`]
  const salt = key.replace('@', '-')
  return [
    `in ${file}, under ${objective}, beside its default, first one line and then the other:`,
    `  shadow: [{ model: ${key}, percent: 100, salt: ${salt} }]`,
    `  canary: { of: ${of ?? 'VERSION'}, to: ${key}, percent: 5, salt: ${salt} }`,
    ...(of === undefined ? ['  where VERSION is the one that serves now'] : []),
  ]
}

/** What only the exporter knows, and the golden cases, which the graph itself answers, cannot show. */
function mayDiffer({ inputs, graph }: ConvertedVersion): readonly string[] {
  const names = (features: readonly ProposedFeature[]) => features.map(({ name }) => name).join(' or ')
  const texts = inputs.flatMap(({ kind, features }) =>
    kind === 'String' ? features.filter(({ nullable }) => nullable) : [],
  )
  const compared = inputs.flatMap(({ elementType, features }) =>
    graph.hasTrees && elementType === 'float32' ? features : [],
  )
  return [
    ...(texts.length === 0
      ? []
      : [
          `where ${names(texts)} is null: an encoder that was fitted with NaN needs fill: "nan", not fill: ""`,
        ]),
    ...(compared.length === 0
      ? []
      : [`where ${names(compared)}, in float32, meets a threshold of a tree: it may take the other branch`]),
  ]
}

/** The schema of a field that asks for a new objective. */
function fieldLines({ objective, inputs, outputs }: NewVersion): readonly string[] {
  const words = objective.toLowerCase().split('_')
  const type = fieldName(words.map((word) => word.slice(0, 1).toUpperCase() + word.slice(1)).join(''))
  const field = type[0].toLowerCase() + type.slice(1)
  const args = inputs
    .flatMap(({ features }) => features)
    .map(({ name, type: of, nullable, input = name }) => `${input}: ${of}${nullable ? '' : '!'}`)
  const returned = outputs.length === 1 ? outputs[0].type : type
  const members = outputs.map(({ name, type: of }) => `${name}: ${of}`)
  return [
    'in the schema of a subgraph:',
    `  type Query { ${field}(${args.join(', ')}): ${returned} @predict(objective: "${objective}") }`,
    ...(outputs.length === 1 ? [] : [`  type ${type} { ${members.join(' ')} }`]),
  ]
}

/** A description of each feature and output, by name. */
export function contractOf({ inputs, outputs }: NewVersion): Pick<Outcome, 'features' | 'outputs'> {
  const features = inputs.flatMap((input) => input.features)
  return {
    features: Object.fromEntries(
      features.map(({ name, type, nullable }) => [name, nullable ? `${type}, or null` : type]),
    ),
    outputs: Object.fromEntries(
      outputs.map(({ name, type, description }) => [name, `${type} (${description})`]),
    ),
  }
}

export function outcomeText(outcome: Outcome): string {
  const { key, objective, isNewObjective, features, outputs, goldenCases, files, next } = outcome
  return [
    ...files.map((file) => `wrote ${file}`),
    `${key} serves ${objective}${isNewObjective ? ', which is new: look at its descriptions' : ''}`,
    `features: ${Object.keys(features).join(', ')}`,
    `outputs: ${Object.keys(outputs).join(', ')}`,
    goldenCases === 0
      ? 'no golden cases: give --samples, so that each start checks its answers'
      : `${goldenCases} golden cases, which the bare runtime and Presage answer alike`,
    ...titled('Python may answer otherwise:', outcome.mayDiffer),
    ...titled('next:', next),
  ].join('\n')
}

function titled(title: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : [title, ...lines.map((line) => `  ${line}`)]
}
