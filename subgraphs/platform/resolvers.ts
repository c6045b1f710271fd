import { GraphQLScalarType, valueFromASTUntyped } from 'graphql'
import { PresageError } from '../../lib/errors'
import { requireRole } from '../../lib/roles'
import type { InputSpec, OutputSpec } from '../../models/objective'
import { printType } from '../../models/parseType'
import type { RepositoryVersion } from '../../models/repository'
import type { RuleSet } from '../../routing/ruleSet'
import type { Plan } from '../../schema/plan'
import type { VersionStatus } from '../../serving/modelRegistry'
import type { Serving } from '../../serving/serving'
import type { SubgraphContext } from '../../serving/subgraphContext'
import type { CreateResolvers } from '../../serving/subgraphModule'
import { tryModel } from '../../serving/tryModel'

/** What the platform shows of itself. */
export interface PlatformServices {
  readonly serving: Serving
  readonly plan: Plan
  readonly ruleSet: RuleSet
  readonly versions: ReadonlyMap<string, RepositoryVersion>
  readonly tryModelAllowed: boolean
}

const json = new GraphQLScalarType({
  name: 'JSON',
  description: 'Any JSON value.',
  parseValue: (value) => value,
  parseLiteral: (node, variables) => valueFromASTUntyped(node, variables),
})

export const createResolvers: CreateResolvers<PlatformServices> = (_settings, services) => {
  return {
    JSON: json,
    Query: {
      models: (_: unknown, _args: unknown, { request }: SubgraphContext) => {
        requireRole(request, 'viewer')
        const { serving, versions } = services()
        return serving.registry.list().map((status) => describeVersion(status, versions.get(status.key)))
      },
      objectives: (_: unknown, _args: unknown, { request }: SubgraphContext) => {
        requireRole(request, 'viewer')
        const { serving, plan, ruleSet } = services()
        return [...serving.objectives.values()].map((objective) => ({
          ...objective,
          inputs: objective.inputs.map(describeInput),
          outputs: objective.outputs.map(describeOutput),
          default: defaultVersion(ruleSet, objective.name),
          fields: plan.fields
            .filter(({ target }) => target.kind === 'objective' && target.objective === objective.name)
            .map((field) => field.coordinate),
        }))
      },
      tryModel: (
        _: unknown,
        { model, features }: { model: string; features: readonly unknown[] },
        { request }: SubgraphContext,
      ) => {
        const { serving, tryModelAllowed } = services()
        if (!tryModelAllowed)
          throw new PresageError('FORBIDDEN', 'tryModel is off here; the configuration can allow it')
        requireRole(request, 'researcher')
        return tryModel(serving, request, model, features)
      },
    },
  }
}

function describeVersion(status: VersionStatus, version: RepositoryVersion | undefined) {
  const manifest = version?.manifest
  const model = status.state.is === 'ready' ? status.state.model : undefined
  return {
    name: status.name,
    version: status.version,
    platform: manifest?.platform ?? 'onnx',
    shards: status.shards,
    ready: model !== undefined,
    reason:
      status.state.is === 'refused' ? status.state.reason : status.state.is === 'loading' ? 'loading' : null,
    description: manifest?.description,
    owner: manifest?.owner,
    features: (manifest?.features ?? []).map(describeInput),
    outputs: (model?.outputs ?? []).map(describeOutput),
  }
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
