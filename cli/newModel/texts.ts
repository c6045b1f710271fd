import { stringify } from 'yaml'
import type { GoldenCase } from '../../models/compile/golden'
import type { GraphFacts } from './graph/graphFacts'
import type { NewVersion } from './outcome'
import type { ProposedFeature } from './propose/proposal'

/** The parts of a manifest. */
interface ManifestParts extends NewVersion {
  readonly graph: Pick<GraphFacts, 'bytes' | 'sha256' | 'data' | 'producer'>
  readonly hasGolden: boolean
}

export function manifestText({
  name,
  version,
  objective,
  graph,
  inputs,
  outputs,
  hasGolden,
}: ManifestParts): string {
  const features = inputs.flatMap((input) => input.features)
  return lines([
    `name: ${flow(name)}`,
    `version: ${JSON.stringify(version)}`,
    `serves: [${objective}]`,
    ...(graph.producer === '' ? [] : [`description: ${flow(`Written by ${graph.producer}`)}`]),
    `graph: ${flow({ file: 'model.onnx', bytes: graph.bytes, sha256: graph.sha256, ...(graph.data.length > 0 && { data: graph.data }) })}`,
    '',
    'features:',
    ...features.map(featureEntry),
    '',
    'preprocess:',
    ...inputs.flatMap(({ tensor, steps }) => {
      if (steps.length === 1) return [entry(tensor, steps[0])]
      return [`  ${flow(tensor)}:`, ...steps.map((step) => `    - ${flow(step)}`)]
    }),
    '',
    'postprocess:',
    ...outputs.map((output) => entry(output.name, output.step)),
    ...(hasGolden ? ['', 'golden: golden.json'] : []),
  ])
}

export function objectiveText(
  name: string,
  description: string,
  { inputs, outputs }: Pick<NewVersion, 'inputs' | 'outputs'>,
): string {
  const features = inputs.flatMap((input) => input.features)
  return lines([
    `objective: ${name}`,
    `description: ${flow(description)}`,
    '',
    'inputs:',
    ...features.map(featureEntry),
    '',
    'outputs:',
    ...outputs.map((output) => entry(output.name, { type: output.type, description: output.description })),
  ])
}

/** One case per line, so that a diff shows which case changed. */
export function goldenText(tolerance: number, cases: readonly GoldenCase[]): string {
  const rows = cases.map((one) => JSON.stringify(one)).join(',\n')
  return `{\n"tolerance": ${tolerance},\n"cases": [\n${rows}\n]\n}\n`
}

function featureEntry({ name, type, length, nullable, input }: ProposedFeature): string {
  return entry(name, {
    type,
    ...(length && { length }),
    ...(nullable && { nullable }),
    ...(input && { input }),
  })
}

function entry(key: string, value: object): string {
  return `  ${flow(key)}: ${flow(value)}`
}

/** The value as YAML in one line. */
function flow(value: unknown): string {
  return stringify(value, { collectionStyle: 'flow', lineWidth: 0 }).trim()
}

function lines(all: readonly string[]): string {
  return `${all.join('\n')}\n`
}
