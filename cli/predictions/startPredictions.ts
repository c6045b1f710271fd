import { systemClock } from '../../lib/clock'
import { Emitter, type Event } from '../../lib/events'
import { pathInFile } from '../../lib/files/yamlPlaces'
import type { Metrics } from '../../lib/metrics'
import { LiveRepository } from '../../models/live/liveRepository'
import type { RepositoryVersion } from '../../models/repository/repository'
import { canonicalJson } from '../../routing/ruleSet/canonicalJson'
import { type RuleSet, shardsOf } from '../../routing/ruleSet/ruleSet'
import { sha256Of } from '../../routing/store/ruleSetVersion'
import type { PredictionField } from '../../schema/fields/plan'
import { ModelLibrary } from '../../serving/repository/modelLibrary'
import { ModelRegistry } from '../../serving/repository/modelRegistry'
import { createIsNamed } from '../../serving/repository/namedVersions'
import { pinProblems } from '../../serving/repository/pinProblems'
import { createPredictionRuntime, type PredictionRuntime } from '../../serving/requests/predictionRuntime'
import { compileRules, createRuleBook } from '../../serving/rules/ruleBook'
import type { RedisLedger } from '../../serving/rules/shared/redisLedger'
import { SharedRows } from '../../serving/rules/shared/sharedRows'
import type { Config } from '../config/config'
import { type CheckedSubgraphs, unitProblems } from '../graph/graph'
import { processCount } from '../processes/member'
import { startCache } from './startCache'
import { type Records, startRecords } from './startRecords'
import type { Shards } from './startShards'
import { type ModelWatch, watchModels } from './watchModels'

/** Workers and models, and the runtime that predicts with them. */
export interface Predictions extends Pick<ModelWatch, 'reload'> {
  readonly serving: PredictionRuntime
  readonly records: Pick<Records, 'comparisons' | 'distributions'>
  /** The current content of the repositories. */
  readonly repository: LiveRepository
  /** The versions in service. Loads and unloads versions as rules start and stop naming them. */
  readonly library: ModelLibrary
  /** Brings the versions into service and watches their folders. Settles when each is ready or refused. */
  load(): Promise<void>
  /** Answers these fields from now on, instead of the initial ones. */
  serveFields(fields: readonly PredictionField[]): void
  /** Sets which rule sets keep a version, `name@version`, loaded; by default only the one in effect. */
  holdRuleSets(held: (key: string) => Iterable<RuleSet>): void
  /** Fires when versions or objectives were added or removed. */
  readonly repositoryChanged: Event<void>
  /** Ends the workers and abandons what is still loading. */
  dispose(): Promise<void>
}

export interface PredictionParts {
  /** The initial fields of this process. */
  readonly fields: readonly PredictionField[]
  /** Which versions to load without being asked; default: all. */
  readonly isWanted?: (version: RepositoryVersion, ruleSet: RuleSet) => boolean
  readonly metrics: Metrics
  readonly log: (line: string) => void
  /** Receives, instead of the operator, what has other files than those in service: a new runtime could load them. */
  readonly onOutdated?: ((what: string) => void) | undefined
  /** How long a file of the repositories must be unchanged before it is read again; default as in `RepositoryWatch`. */
  readonly quietMs?: number | undefined
  /** Shards that may still be starting. */
  readonly shards: Promise<Shards>
}

/** Rejects, with nothing left running, if the shards cannot be started. */
export async function startPredictions(
  config: Config,
  { ruleSet, repository: read }: CheckedSubgraphs,
  { fields: first, isWanted, metrics, log, onOutdated, quietMs, shards: starting }: PredictionParts,
): Promise<Predictions> {
  const clock = systemClock
  const shards = await starting
  const registry = new ModelRegistry()
  const repository = new LiveRepository(read, {
    isPublished: (key) => registry.isPublished(key),
    checkObjective: (objective) => unitProblems(objective, config),
  })
  const { objectives } = repository
  const fromFile = { number: 0, sha256: sha256Of(canonicalJson(ruleSet)), ruleSet }
  const cache = startCache(config, objectives, { clock, metrics, log })
  const ledger = openLedger(config, log)
  const serving = createPredictionRuntime({
    objectives,
    registry,
    shards,
    rules: createRuleBook(compileRules(fromFile, objectives, registry)),
    clock,
    metrics,
    maxRows: config.limits.predictionRows,
    cache,
    openBudget: ledger && ((key) => new SharedRows(key, ledger, clock)),
  })
  const records = await startRecords(config, serving, log).catch(async (error: unknown) => {
    await Promise.all([...shards.values(), ...(cache ? [cache] : [])].map((one) => one.dispose()))
    await ledger?.close()
    throw error
  })
  const { rules } = serving
  let held: (key: string) => Iterable<RuleSet> = () => [rules.current().ruleSet]
  const changes = new Emitter<void>()
  const namedWith = (named: readonly PredictionField[]) => createIsNamed(named, (key) => held(key), registry)
  let fields = first
  let isNamed = namedWith(fields)
  const library = new ModelLibrary({
    repository,
    host: serving,
    shardsOf: (key) => shardsOf(rules.current().ruleSet, key),
    isNamed: (key) => isNamed(key),
    isWanted: (version) => isWanted?.(version, rules.current().ruleSet) ?? true,
    checkModel: (model) => pinProblems(fields, model),
    log,
    onOutdated,
  })
  let loaded: Promise<void> | undefined
  let watch: ModelWatch | undefined
  return {
    serving,
    records,
    repository,
    library,
    serveFields(next) {
      fields = next
      isNamed = namedWith(next)
    },
    holdRuleSets(source) {
      held = source
    },
    repositoryChanged: changes.event,
    load() {
      loaded ??= library.load()
      watch ??= watchModels(config, library, {
        clock,
        first: repository.appearances,
        quietMs,
        log,
        onTaken: () => changes.fire(),
      })
      return loaded
    },
    async reload() {
      return (await watch?.reload()) ?? []
    },
    async dispose() {
      watch?.stop()
      const over = library.dispose()
      repository.stop()
      await records.dispose()
      await Promise.all([...shards.values()].map((shard) => shard.dispose()))
      await over
      await cache?.dispose()
      await ledger?.close()
    },
  }
}

/** Opens what counts rows for all processes; undefined if each counts its own. Does not wait for Redis. */
function openLedger({ file, limits }: Config, log: (line: string) => void): RedisLedger | undefined {
  if (limits.shared === undefined) return undefined
  // Loaded lazily, so that the client takes no memory in a process without Redis.
  const { RedisLedger }: typeof import('../../serving/rules/shared/redisLedger') =
    require('../../serving/rules/shared/redisLedger')
  const { redis: url, name } = limits.shared
  const at = pathInFile(file, 'limits.shared.redis')
  return new RedisLedger({ url, name, processes: processCount, log: (line) => log(`${at}: ${line}`) })
}
