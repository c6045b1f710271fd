import { shortPath } from '../../lib/packagePaths'
import type { Config } from '../config/config'
import { fieldName } from './propose/names'
import type { ProposedInput, ProposedOutput } from './propose/proposal'

/** A version, with everything that its files are made from. */
export interface NewVersion {
  readonly name: string
  readonly version: string
  readonly objective: string
  readonly inputs: readonly ProposedInput[]
  readonly outputs: readonly ProposedOutput[]
}

/** The result of the command, as `--json` prints it. */
export interface Outcome {
  readonly key: string
  readonly objective: string
  readonly isNewObjective: boolean
  readonly features: Readonly<Record<string, string>>
  readonly outputs: Readonly<Record<string, string>>
  readonly goldenCases: number
  readonly files: readonly string[]
  /** The next steps, a line each. */
  readonly next: readonly string[]
}

export function outcomeOf(
  config: Config,
  version: NewVersion,
  made: Pick<Outcome, 'isNewObjective' | 'goldenCases' | 'files'>,
): Outcome {
  const key = `${version.name}@${version.version}`
  return {
    key,
    objective: version.objective,
    ...contractOf(version),
    ...made,
    files: made.files.map(shortPath),
    next: [
      ...(made.isNewObjective ? fieldLines(version) : []),
      `in ${shortPath(config.rules)}, under objectives:  ${version.objective}: { default: ${key} }`,
      'presage start',
      `presage models try ${key} --file ROWS.csv --json, to compare its answers with those in Python`,
    ],
  }
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
    'next:',
    ...next.map((line) => `  ${line}`),
  ].join('\n')
}
