import { systemClock } from '../lib/clock'
import type { Metrics } from '../lib/metrics'
import type { RepositoryVersion } from '../models/repository'
import { compileRouter } from '../routing/compileRouter'
import { shardsOf } from '../routing/ruleSet'
import { loadVersions } from '../serving/loadVersions'
import { ModelRegistry } from '../serving/modelRegistry'
import { createServing, type Serving } from '../serving/serving'
import type { StartWorker } from '../workers/startWorker'
import type { Config } from './config'
import type { CheckedSubgraphs } from './graph'
import { startShards } from './startShards'

/** Workers, models and what predicts with them. */
export interface Predictions {
  readonly serving: Serving
  /**
   * Begins to bring the versions into service. Their statuses are known at once; the promise settles when each of them is
   * ready or refused.
   */
  load(): Promise<void>
  /** Ends the workers; what still loads is given up. */
  dispose(): Promise<void>
}

export interface PredictionParts {
  /** The versions to bring into service, ready or refused. */
  readonly versions: readonly RepositoryVersion[]
  readonly metrics: Metrics
  /** One line for the operator. */
  readonly log: (line: string) => void
  /** How a worker comes to be, on every shard. */
  readonly startWorker?: StartWorker
}

/** Starts the configured shards. Rejects, with nothing left running, if one of them cannot be started. */
export async function startPredictions(
  config: Config,
  { ruleSet, repository }: CheckedSubgraphs,
  { versions, metrics, log, startWorker }: PredictionParts,
): Promise<Predictions> {
  const shards = await startShards(config.shards, { clock: systemClock, metrics, log, start: startWorker })
  const serving = createServing({
    objectives: repository.objectives,
    registry: new ModelRegistry(),
    shards,
    router: compileRouter(ruleSet, repository.objectives),
    clock: systemClock,
    metrics,
    maxRows: config.limits.predictionRows,
  })
  let loaded: Promise<void> | undefined
  let isDisposed = false
  // A load that a shutdown cuts short says nothing about its model.
  const logLoad = (line: string) => {
    if (!isDisposed) log(line)
  }
  return {
    serving,
    load() {
      loaded ??= loadVersions(versions, (key) => shardsOf(ruleSet, key), serving, logLoad)
      return loaded
    },
    async dispose() {
      isDisposed = true
      await Promise.all([...shards.values()].map((shard) => shard.dispose()))
      await loaded
    },
  }
}
