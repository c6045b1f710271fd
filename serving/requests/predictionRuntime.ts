import type { Clock } from '../../lib/clock'
import { Emitter } from '../../lib/events'
import type { Metrics } from '../../lib/metrics'
import type { Objective } from '../../models/contracts/objective'
import type { Shard } from '../../workers/shard'
import type { PredictionCache } from '../cache/predictionCache'
import type { ModelRegistry } from '../repository/modelRegistry'
import { ObjectiveLimiters } from '../rules/objectiveLimiters'
import { type OpenBudget, OwnRows } from '../rules/rowBudget'
import type { RuleBook } from '../rules/ruleBook'
import type { AnsweredRows } from './answered'
import { PredictionMetrics } from './predictionMetrics'

export interface PredictionRuntimeParts {
  /** May grow while serving. */
  readonly objectives: ReadonlyMap<string, Objective>
  readonly registry: ModelRegistry
  readonly shards: ReadonlyMap<string, Shard>
  readonly rules: RuleBook
  readonly clock: Clock
  readonly metrics: Metrics
  /** The most prediction rows of one client request. */
  readonly maxRows: number
  /** Absent if no objective uses the cache. */
  readonly cache?: PredictionCache
  /** What counts the rows a second of limits; default this process by itself. */
  readonly openBudget?: OpenBudget
}

/** Everything that predictions share; one per process. */
export interface PredictionRuntime extends PredictionRuntimeParts {
  /** The limiters of each objective, shared by all versions of the rules. */
  readonly limiters: ObjectiveLimiters
  readonly counts: PredictionMetrics
  /**
   * Fires when decided rows are answered, before the answer is returned. Listeners must be quick; their errors are counted
   * and do not affect the answer.
   */
  readonly answered: Emitter<AnsweredRows>
  /** The same, but only of rows in an experiment or with shadows: most are in neither. */
  readonly answeredInTrial: Emitter<AnsweredRows>
}

export function createPredictionRuntime(parts: PredictionRuntimeParts): PredictionRuntime {
  const { metrics, objectives } = parts
  return {
    ...parts,
    counts: new PredictionMetrics(metrics, objectives.values()),
    limiters: new ObjectiveLimiters(parts.openBudget ?? (() => new OwnRows(parts.clock))),
    answered: new Emitter(),
    answeredInTrial: new Emitter(),
  }
}
