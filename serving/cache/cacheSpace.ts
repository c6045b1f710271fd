import { PresageError } from '../../lib/errors'
import type { Metrics } from '../../lib/metrics'
import type { Model } from '../../models/contracts/model'
import type { Objective } from '../../models/contracts/objective'
import { type KeptRow, type RowLayout, tensorsOf } from './keptRow'
import { type KeyPrefix, keyPrefix } from './rowKeys'

/** What all cached answers of one version to one objective share. */
export class CacheSpace {
  readonly prefix: KeyPrefix
  /** Outputs that a field may ask for. A row with an error in one of them is not cached. */
  readonly outputs: readonly string[]
  readonly hits: (rows: number) => void
  readonly misses: (rows: number) => void
  readonly shared: (rows: number) => void
  readonly bypassed: (rows: number) => void
  /** By layout, whether a row of it can be an answer of the version. */
  private readonly layouts = new WeakMap<RowLayout, boolean>()

  constructor(
    readonly model: Model,
    objective: Objective,
    readonly ttlMs: number,
    metrics: Metrics,
  ) {
    const { name } = objective
    this.prefix = keyPrefix(identityOf(model, name, ttlMs))
    this.outputs = objective.outputs.map((output) => output.name)
    const counter = (kind: string, help: string) => {
      const labels = { objective: name, model: model.key }
      const series = metrics.counter(`presage_cache_${kind}_total`, help, labels)
      return (rows: number) => {
        if (rows > 0) series.inc(rows)
      }
    }
    this.hits = counter('hits', 'Rows answered from the cache.')
    this.misses = counter('misses', 'Rows that had to be predicted.')
    this.shared = counter('shared', 'Rows that another request was already predicting.')
    this.bypassed = counter('bypassed', "Rows that bypassed the cache at a client's request.")
  }

  /** Whether a row can be an answer of the version. In a store that others write to, it may be anything. */
  fits(kept: KeptRow): boolean {
    let fits = this.layouts.get(kept.layout)
    if (fits === undefined) {
      fits = this.isAnswer(kept)
      this.layouts.set(kept.layout, fits)
    }
    return fits
  }

  private isAnswer(kept: KeptRow): boolean {
    try {
      this.model.checkOutputs(tensorsOf([kept]), 1)
      return true
    } catch (error) {
      if (error instanceof PresageError) return false
      throw error
    }
  }
}

/**
 * Identifies a version by its manifest, which names the SHA-256 of its graph and vocabularies, since another process
 * may have other files under the same name. Includes `ttlMs`, so that no answer is older than the objective allows now.
 * The number is the version of the format of keys and rows: raise it when that changes, or when a preprocessing step
 * changes its results.
 */
function identityOf({ key, manifest }: Model, objective: string, ttlMs: number): string {
  return JSON.stringify([1, objective, ttlMs, key, manifest])
}
