import type { InputSpec, Objective, OutputSpec } from '../models/contracts/objective'
import type { RepositoryVersion } from '../models/repository/repository'
import { printType } from '../models/types/parseType'
import type { RuleSet } from '../routing/ruleSet/ruleSet'
import type { Plan } from '../schema/fields/plan'
import { reasonOf, type VersionStatus } from '../serving/repository/modelRegistry'
import { candidatesOf } from './candidates'
import type { PlatformServices } from './services'

/** A model version, as the type `Model` shows it. */
export function describeVersion(status: VersionStatus, version: RepositoryVersion | undefined) {
  const manifest = version?.manifest
  const model = status.state.is === 'ready' ? status.state.model : undefined
  return {
    name: status.name,
    version: status.version,
    platform: manifest?.platform ?? 'onnx',
    shards: status.shards,
    ready: model !== undefined,
    reason: status.state.is === 'loading' ? 'loading' : reasonOf(status.state),
    note: status.note,
    description: manifest?.description,
    owner: manifest?.owner,
    features: (manifest?.features ?? []).map(describeInput),
    outputs: (model?.outputs ?? []).map(describeOutput),
  }
}

/** An objective, as the type `Objective` shows it. */
export function describeObjective(
  objective: Objective,
  { plan, ruleSet, serving }: Pick<PlatformServices, 'plan' | 'ruleSet' | 'serving'>,
) {
  return {
    ...objective,
    inputs: objective.inputs.map(describeInput),
    outputs: objective.outputs.map(describeOutput),
    default: defaultVersion(ruleSet, objective.name),
    candidates: candidatesOf(ruleSet, objective.name, serving.registry),
    fields: fieldsOf(plan, objective.name),
  }
}

function fieldsOf(plan: Plan, objective: string): readonly string[] {
  return plan.fields
    .filter(({ target }) => target.kind === 'objective' && target.objective === objective)
    .map((field) => field.coordinate)
}

function describeInput(input: InputSpec) {
  return {
    name: input.name,
    type: printType(input.type),
    nullable: input.nullable,
    description: input.description,
  }
}

function describeOutput(output: OutputSpec) {
  return { name: output.name, type: printType(output.type), description: output.description }
}

function defaultVersion(ruleSet: RuleSet, objective: string): { name: string; version: string } | null {
  if (!Object.hasOwn(ruleSet.objectives, objective)) return null
  const { default: use } = ruleSet.objectives[objective]
  // A unit that is in no cell gets the first one's version.
  const model = typeof use === 'string' ? use : ruleSet.experiments[use.experiment].cells[0].use
  const [name, version] = model.split('@')
  return { name, version }
}
