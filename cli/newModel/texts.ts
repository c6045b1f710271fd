import { flowYaml } from '../terminal/flowYaml'
import type { GraphFacts } from './graph/graphFacts'
import type { NewVersion } from './outcome'
import type { ProposedFeature } from './propose/proposal'

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
    `name: ${flowYaml(name)}`,
    `version: ${JSON.stringify(version)}`,
    `serves: [${objective}]`,
    ...(graph.producer === '' ? [] : [`description: ${flowYaml(`Written by ${graph.producer}`)}`]),
    `graph: ${flowYaml({ file: 'model.onnx', bytes: graph.bytes, sha256: graph.sha256, ...(graph.data.length > 0 && { data: graph.data }) })}`,
    '',
    'features:',
    ...features.map(featureEntry),
    '',
    'preprocess:',
    ...inputs.flatMap(({ tensor, steps }) => {
      if (steps.length === 1) return [entry(tensor, steps[0])]
      return [`  ${flowYaml(tensor)}:`, ...steps.map((step) => `    - ${flowYaml(step)}`)]
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
    `description: ${flowYaml(description)}`,
    '# Whose id canaries, experiments and shadows draw by; they need one.',
    '# unit: context.member',
    '',
    'inputs:',
    ...features.map(featureEntry),
    '',
    'outputs:',
    ...outputs.map((output) => entry(output.name, { type: output.type, description: output.description })),
  ])
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
  return `  ${flowYaml(key)}: ${flowYaml(value)}`
}

function lines(all: readonly string[]): string {
  return `${all.join('\n')}\n`
}
