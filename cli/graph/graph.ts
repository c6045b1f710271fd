import { resolve } from 'node:path'
import { LoadError } from '../../lib/errors'
import { readTextFile } from '../../lib/files/readTextFile'
import type { PlaceOf } from '../../lib/files/shapeProblems'
import { pathInFile, yamlPlaces } from '../../lib/files/yamlPlaces'
import { getOrMake } from '../../lib/groups'
import { shortPath } from '../../lib/packagePaths'
import type { Objective } from '../../models/contracts/objective'
import type { Repository } from '../../models/repository/repository'
import { checkRuleSet, parseRuleSet } from '../../routing/parse/parseRuleSet'
import type { KnownNames } from '../../routing/ruleSet/knownNames'
import { ownRules } from '../../routing/ruleSet/ownRules'
import { type RuleSet, shardsOf } from '../../routing/ruleSet/ruleSet'
import { checkResolvers } from '../../schema/compile/checkResolvers'
import { compilePlan, planSubgraphs } from '../../schema/compile/compilePlan'
import { composeSupergraph } from '../../schema/composition/composeSupergraph'
import type { Catalog } from '../../schema/fields/catalog'
import { type Plan, pinOf } from '../../schema/fields/plan'
import { buildSubgraphs } from '../../schema/sdl/subgraph'
import type { SubgraphSource } from '../../schema/sdl/subgraphSources'
import type { Config } from '../config/config'
import { envelopeKeys } from '../config/trustConfig'
import { contractOf, versionProblems } from '../modelCommands/read/versionProblems'
import { loadDeploymentSources } from './deploymentSources'
import { platformClashes } from './platformClashes'
import { readRepositories } from './repositories'
import { resolverPlace } from './resolverModule'
import { createAllResolvers, hasResolver, type ResolversBySubgraph } from './subgraphResolvers'
import { unknownSubgraphs } from './unknownSubgraphs'

/** Subgraphs, models and rules, as far as they can be checked without running anything. */
export interface CheckedSubgraphs {
  readonly sources: readonly SubgraphSource[]
  readonly repository: Repository
  readonly ruleSet: RuleSet
  readonly plan: Plan
  /** Lines about what is allowed but worth knowing, such as pinned fields. */
  readonly report: readonly string[]
}

export interface Graph extends CheckedSubgraphs {
  readonly supergraphSdl: string
}

/** Checks all subgraphs of the deployment (see `checkSubgraphs`) and composes them. */
export function loadGraph(
  config: Config,
  resolvers: ResolversBySubgraph,
  sources = loadDeploymentSources(config),
  known?: KnownPredictions,
): Graph {
  return composeGraph(config, checkSubgraphs(config, resolvers, sources, known))
}

/** Composes checked subgraphs. Throws a LoadError if they do not compose, or if the configuration does not fit them. */
export function composeGraph(config: Config, checked: CheckedSubgraphs): Graph {
  const { sources, plan, repository } = checked
  const problems = unknownSubgraphs(
    config,
    sources.map(({ name }) => name),
  )
  if (problems.length > 0) throw new LoadError(problems)
  return {
    ...checked,
    report: [...checked.report, ...unaskedObjectives(repository, plan), ...uselessSettings(config)],
    supergraphSdl: compose(config, sources, plan),
  }
}

function compose(config: Config, sources: readonly SubgraphSource[], plan: Plan): string {
  try {
    return composeSupergraph(sources, plan)
  } catch (error) {
    const clashes = error instanceof LoadError ? platformClashes(config, sources) : []
    throw clashes.length > 0 ? new LoadError(clashes) : error
  }
}

/** What a process already knows about its models and rules. */
export interface KnownPredictions {
  readonly ruleSet: RuleSet
  /**
   * What messages about the rules begin with, for a stored version; of that, only what is about objectives here counts.
   */
  readonly rulesName?: string
  /** Where messages say that the rules stand. Default: in the rule file if that is read, else its path. */
  readonly placeInRules?: PlaceOf
  readonly repository?: Repository
}

/**
 * Reads the subgraphs, the repositories and the rules, or takes what is `known`, and checks them against each
 * other. Throws a LoadError with all problems. A refused version is not a problem: it stays in the repository with its
 * reason. A model cannot fill a field that has a resolver, so the check needs the `resolvers` of all subgraphs that run
 * in this process; which outputs fill the fields of another one is left to the process that has its resolvers.
 * `placeOfResolver` tells where a resolver of that name stands; by default in the module beside the schema.
 */
export function checkSubgraphs(
  config: Config,
  resolvers: ResolversBySubgraph,
  sources: readonly SubgraphSource[],
  known?: KnownPredictions,
  placeOfResolver: (schemaFile: string, name: string) => string = resolverPlace,
): CheckedSubgraphs {
  const repository = known?.repository ?? readFolders(config)
  const { rulesName = shortPath(config.rules) } = known ?? {}
  const isStored = known?.rulesName !== undefined
  const rulesText = known === undefined ? readTextFile(config.rules) : ''
  const read = known?.ruleSet ?? parseRuleSet(rulesText, rulesName)
  const ruleSet = isStored ? ownRules(read, repository.objectives) : read
  const built = buildSubgraphs(sources)
  const plan = planSubgraphs(built, {
    ...catalog(config, repository, resolvers),
    shardsOf: (model) => shardsOf(ruleSet, model),
  })
  const resolved = built.subgraphs.flatMap((subgraph) => {
    const own = resolvers.get(subgraph.name)
    if (own === undefined) return []
    return checkResolvers(subgraph, own, plan, (name) => placeOfResolver(subgraph.file, name))
  })
  const misfits = resolved.flatMap(({ problems }) => problems)
  if (misfits.length > 0) throw new LoadError(misfits)
  const warnings: string[] = []
  checkRuleSet(
    ruleSet,
    rulesName,
    knownNames(config, repository, plan),
    (line) => warnings.push(`warning: ${line}`),
    known?.placeInRules ?? yamlPlaces(rulesText, rulesName),
  )
  const report = [...plan.report, ...resolved.flatMap((one) => one.report), ...warnings]
  return { sources, repository, ruleSet, plan, report }
}

/** The names that rules may use, whatever its current rules say. Rejects with a LoadError if anything else is wrong. */
export async function loadKnownNames(config: Config): Promise<KnownNames> {
  const resolvers = await createAllResolvers(config)
  const repository = readFolders(config)
  const sources = loadDeploymentSources(config)
  return knownNames(config, repository, compilePlan(sources, catalog(config, repository, resolvers)))
}

function readFolders(config: Config): Repository {
  const repository = readRepositories(config)
  const problems = [...repository.objectives.values()].flatMap((one) => unitProblems(one, config))
  if (problems.length > 0) throw new LoadError(problems)
  return repository
}

function catalog(config: Config, repository: Repository, resolvers: ResolversBySubgraph): Catalog {
  return {
    objectives: repository.objectives,
    models: new Map(
      repository.versions.flatMap((version) => {
        const contract = contractOf(version, repository)
        return contract === undefined ? [] : [[version.key, contract] as const]
      }),
    ),
    shards: Object.keys(config.shards),
    contextKeys: new Map(Object.entries(config.context).map(([key, { type }]) => [key, type])),
    hasResolver: (subgraph, type, field) => hasResolver(resolvers, subgraph, type, field),
    knowsResolvers: (subgraph) => resolvers.has(subgraph),
  }
}

/** The names that rules may use with the current content of the repository. */
export function knownNames(
  config: Pick<Config, 'context' | 'shards'>,
  repository: Pick<Repository, 'objectives' | 'versions'>,
  plan: Plan,
): KnownNames {
  const keys = Object.entries(config.context)
  return {
    objectives: repository.objectives,
    models: new Set(repository.versions.map((version) => version.key)),
    serves: new Map(
      repository.versions.flatMap(({ key, manifest }) => (manifest ? [[key, manifest.serves] as const] : [])),
    ),
    unfit: new Map(
      repository.versions.flatMap((version) => {
        // One whose files are refused is told of when it is read.
        const problems = version.state === 'refused' ? [] : versionProblems(version, repository)
        return problems.length === 0 ? [] : [[version.key, problems.join('; ')] as const]
      }),
    ),
    shards: new Set(Object.keys(config.shards)),
    asked: askedObjectives(plan),
    fieldShards: fieldShards(plan),
    pins: plan.fields.flatMap(({ coordinate, target, shard }) => {
      if (target.kind !== 'model') return []
      return [{ field: coordinate, model: pinOf(target), shard }]
    }),
    contextTypes: new Map(keys.map(([key, { type }]) => [key, type])),
    contextKeys: new Set(keys.map(([key]) => key)),
    freeKeys: new Set(keys.flatMap(([key, { from }]) => (from === 'client' ? [key] : []))),
  }
}

/** A client that can choose its unit can choose its cell, and the experiment would measure nothing. */
export function unitProblems(
  { file, unit }: Pick<Objective, 'file' | 'unit'>,
  { context }: Pick<Config, 'context'>,
): readonly string[] {
  const key = unit?.startsWith('context.') ? unit.slice('context.'.length) : undefined
  if (key === undefined || !Object.hasOwn(context, key) || context[key].from !== 'client') return []
  return [
    `${pathInFile(resolve(file), 'unit')}: must come from token or edge, got ${unit}, which is declared with from: client`,
  ]
}

/** The objectives that fields ask for, each with the first field. */
function askedObjectives({ fields }: Plan): Map<string, string> {
  const asked = new Map<string, string>()
  for (const { target, coordinate } of fields) {
    if (target.kind === 'objective' && !asked.has(target.objective)) asked.set(target.objective, coordinate)
  }
  return asked
}

/** Such an objective is valid, but usually its subgraph is missing from the list. */
function unaskedObjectives(repository: Repository, plan: Plan): string[] {
  const asked = askedObjectives(plan)
  return [...repository.objectives.keys()]
    .filter((name) => !asked.has(name))
    .map((name) => `no field of the listed subgraphs asks for objective ${name}`)
}

/** Settings that only affect fields of the platform, which is disabled, or operators, of whom there are none. */
function uselessSettings({ file, platform, tryModel, ruleStore, trust }: Config): string[] {
  const told = (name: string, why: string) => `warning: ${shortPath(file)}: ${name} has no effect ${why}`
  if (platform === false) {
    const settings = [...(tryModel ? ['tryModel'] : []), ...(ruleStore.mutations ? ['rules.mutations'] : [])]
    return settings.map((name) => told(name, 'without platform: true'))
  }
  // Roles come from tokens, here or at the gateway that writes the envelope.
  const hasOperators = trust.jwt !== undefined || envelopeKeys(trust).length > 0
  if (!ruleStore.mutations || hasOperators) return []
  return [told('rules.mutations', 'without trust.jwt: nobody is an operator')]
}

function fieldShards(plan: Plan): Map<string, Set<string>> {
  const byObjective = new Map<string, Set<string>>()
  for (const { target, shard } of plan.fields) {
    if (target.kind !== 'objective') continue
    const shards = getOrMake(byObjective, target.objective, () => new Set())
    if (shard !== undefined) shards.add(shard)
  }
  return byObjective
}
