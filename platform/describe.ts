import type { Objective } from '../models/contracts/objective'
import type { RepositoryVersion } from '../models/repository/repository'
import type { RuleSet } from '../routing/ruleSet/ruleSet'
import type { Plan } from '../schema/fields/plan'
import { reasonOf, type VersionStatus } from '../serving/repository/modelRegistry'
import type { PairComparison } from '../serving/shadow/pairComparison'
import { candidatesOf } from './candidates'
import { describeManifest } from './describeManifest'
import { describeInput, describeOutput } from './describeSpec'
import { countGoldenCases, sizeOfFiles } from './filesOfVersion'
import type { PlatformServices } from './services'

type Shard = ReturnType<PlatformServices['serving']['shards']['get']> & object

/** The GraphQL type `Model`: a model version. */
export function describeVersion(status: VersionStatus, version: RepositoryVersion | undefined) {
  const model = status.state.is === 'ready' ? status.state.model : undefined
  return {
    name: status.name,
    version: status.version,
    shards: status.shards,
    ready: model !== undefined,
    state: status.state.is,
    reason: status.state.is === 'loading' ? 'loading' : reasonOf(status.state),
    note: status.note,
    ...describeManifest(version?.manifest),
    outputs: (model?.outputs ?? []).map(describeOutput),
    sizeBytes: () => (version === undefined ? null : sizeOfFiles(version)),
    goldenCases: () => (version === undefined ? null : countGoldenCases(version)),
  }
}

/** The GraphQL type `Objective`. */
export function describeObjective(
  objective: Objective,
  { plan, ruleSet, serving, version }: Pick<PlatformServices, 'plan' | 'ruleSet' | 'serving' | 'version'>,
) {
  const serves = (key: string) => version(key)?.manifest?.serves.includes(objective.name) ?? false
  return {
    ...objective,
    inputs: objective.inputs.map(describeInput),
    outputs: objective.outputs.map(describeOutput),
    default: defaultVersion(ruleSet, objective.name),
    versions: () =>
      serving.registry
        .list()
        .filter(({ key }) => serves(key))
        .map((status) => describeVersion(status, version(status.key))),
    candidates: candidatesOf(ruleSet, objective.name, serving.registry),
    fields: fieldsOf(plan, objective.name),
  }
}

/** The GraphQL type `Shard`. */
export function describeShard({ name, status }: Shard) {
  const { workers, queues } = status()
  return {
    name,
    workers: workers.map((worker) => ({
      ...worker,
      kind: worker.kind.toUpperCase(),
      state: worker.state.toUpperCase(),
    })),
    versions: queues.map(({ key, waitingRows }) => ({
      model: key,
      copies: workers.filter(({ versions }) => versions.includes(key)).length,
      waitingRows,
    })),
  }
}

/** The GraphQL type `ShadowComparison`. */
export function describeShadow(pair: PairComparison) {
  const failures = Object.entries(pair.failures).map(([outcome, rows]) => ({ outcome, rows }))
  return { ...pair, failures }
}

function fieldsOf(plan: Plan, objective: string): readonly string[] {
  return plan.fields
    .filter(({ target }) => target.kind === 'objective' && target.objective === objective)
    .map((field) => field.coordinate)
}

function defaultVersion(ruleSet: RuleSet, objective: string): { name: string; version: string } | null {
  if (!Object.hasOwn(ruleSet.objectives, objective)) return null
  const { default: use } = ruleSet.objectives[objective]
  // A request without a unit gets the version of the first cell.
  const model = typeof use === 'string' ? use : ruleSet.experiments[use.experiment].cells[0].use
  const [name, version] = model.split('@')
  return { name, version }
}
