import { notOneOf } from '../../lib/files/nearMiss'
import type { FeatureSpec } from '../contracts/manifest'
import type { InputSpec, Objective, OutputSpec } from '../contracts/objective'
import { printType } from '../types/parseType'
import { typeFits } from '../types/typeFits'

/** An output whose type may be unknown until the graph is loaded. */
export type ContractOutput = OutputSpec | { readonly name: string; readonly type: undefined }

/** What is known of a model without its graph. */
export interface ModelContract {
  readonly features: readonly FeatureSpec[]
  readonly outputs: readonly ContractOutput[]
}

/** A line about the first objective of a manifest that does not exist or fit; undefined if all do. */
export function servesProblem(
  serves: readonly string[],
  { features, outputs }: ModelContract,
  objectives: ReadonlyMap<string, Objective>,
): string | undefined {
  for (const name of serves) {
    const objective = objectives.get(name)
    if (objective === undefined) {
      return notOneOf('serves: must be an objective', name, [...objectives.keys()])
    }
    const problems = servesObjective(features, outputs, objective)
    if (problems.length > 0) return `serves ${name}: ${problems.join('; ')}`
  }
  return undefined
}

/**
 * Checks whether a model may serve an objective. Each of its features must be an input of the objective, with a type
 * that fits, and accept null if the input may be null; or it must have a default. The model must yield every output.
 * Returns problems as `where: expectation, got what`. Outputs of unknown type are not checked.
 */
export function servesObjective(
  features: readonly FeatureSpec[],
  outputs: readonly ContractOutput[],
  objective: Objective,
): readonly string[] {
  const problems: string[] = []
  const inputs = new Map(objective.inputs.map((input) => [input.name, input]))
  for (const feature of features) {
    const input = inputs.get(feature.input)
    const problem =
      input === undefined ? absenceProblem(feature, objective) : inputProblem(feature, input, objective)
    if (problem !== undefined) problems.push(`feature ${feature.name}: ${problem}`)
  }
  for (const wanted of objective.outputs) {
    const given = outputs.find(({ name }) => name === wanted.name)
    if (given === undefined) {
      problems.push(`output ${wanted.name}: must be provided for ${objective.name}, got ${namesOf(outputs)}`)
    } else if (given.type !== undefined && !typeFits(given.type, wanted.type)) {
      problems.push(
        `output ${wanted.name}: must be ${printType(wanted.type)} for ${objective.name}, got ${printType(given.type)}`,
      )
    }
  }
  return problems
}

function absenceProblem(feature: FeatureSpec, objective: Objective): string | undefined {
  if (Object.hasOwn(feature, 'default')) return undefined
  return `must be an input of ${objective.name} (${namesOf(objective.inputs)}) or have a default, got ${feature.input}`
}

function inputProblem(feature: FeatureSpec, input: InputSpec, objective: Objective): string | undefined {
  if (!typeFits(input.type, feature.type)) {
    return `must take input ${input.name} of ${objective.name}, which is ${printType(input.type)}, got ${printType(feature.type)}`
  }
  if (input.nullable && !feature.nullable && !Object.hasOwn(feature, 'default')) {
    return `must be nullable or have a default as input ${input.name} of ${objective.name} may be null, got neither`
  }
  if (input.length !== undefined && feature.length !== undefined && input.length !== feature.length) {
    return `must have length ${input.length} as input ${input.name} of ${objective.name}, got ${feature.length}`
  }
  return undefined
}

export function namesOf(named: readonly { readonly name: string }[]): string {
  return named.map(({ name }) => name).join(', ')
}
