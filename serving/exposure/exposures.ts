import type { Counter } from '../../lib/metrics'
import { bucketOf, totalBuckets } from '../../routing/bucketing/bucketer'
import { murmurPrefix } from '../../routing/bucketing/murmur3'
import type { AnsweredRows } from '../requests/answered'
import type { PredictionRuntime } from '../requests/predictionRuntime'
import type { ShadowedRows, Shadows } from '../shadow/shadows'
import { type Exposure, exposureModel } from './exposure'
import { unitReaderOf } from './unitReaders'

export interface ExposureParts {
  readonly runtime: PredictionRuntime
  /** The shadows of rows in an experiment are recorded too, with their own origin. */
  readonly shadows?: Pick<Shadows, 'shadowed'>
  /** The share of units to record, 0 to 1. The same units are sampled in all experiments and processes. */
  readonly sample: number
  /** Writes a line, given without its line break, and counts it with `counter` once it is written. */
  readonly write: (line: string, counter: Counter) => void
  /** Milliseconds since 1970. */
  readonly now?: () => number
}

/** The most groups of rows that wait to be recorded. Only a long turn of the event loop reaches it. */
const maxWaiting = 10_000

const scopeKey = Symbol('exposures of a request')

/**
 * Records which unit got what in an experiment: after the answer, one line of JSON per request, objective, experiment
 * and unit. The line names the version that answered, which is not the cell's after a fallback.
 */
export class Exposures {
  private readonly below: number
  private readonly dropped: Counter
  private readonly stops: (() => void)[]
  private waiting: { readonly rows: AnsweredRows; readonly shadow?: string }[] = []
  private isScheduled = false

  constructor(private readonly parts: ExposureParts) {
    const { runtime, shadows, sample } = parts
    this.below = Math.round(sample * totalBuckets)
    this.dropped = runtime.metrics.counter('presage_exposures_dropped_total', droppedHelp, {
      reason: 'too-many-waiting',
    })
    this.stops = [runtime.answeredInTrial.event((rows) => this.hear(rows))]
    if (shadows !== undefined)
      this.stops.push(shadows.shadowed(({ rows, model }: ShadowedRows) => this.hear(rows, model)))
  }

  /** Records what still waits, and then stops. */
  dispose(): void {
    for (const stop of this.stops) stop()
    this.recordWaiting()
  }

  private hear(rows: AnsweredRows, shadow?: string): void {
    if (rows.decision.experiment === undefined) return
    if (this.waiting.length >= maxWaiting) {
      this.dropped.inc()
      return
    }
    this.waiting.push({ rows, ...(shadow !== undefined && { shadow }) })
    if (this.isScheduled) return
    this.isScheduled = true
    setImmediate(() => {
      this.isScheduled = false
      this.recordWaiting()
    })
  }

  private recordWaiting(): void {
    const waiting = this.waiting
    this.waiting = []
    for (const { rows, shadow } of waiting) this.record(rows, shadow)
  }

  private record(answered: AnsweredRows, shadow: string | undefined): void {
    const { decision, request, rules } = answered
    const { objective, experiment, cell } = decision
    const { objective: contract } = rules.objective(objective)
    const reader = unitReaderOf(rules.ruleSet)(contract)(experiment!)
    const recorded = request.scope(scopeKey, () => new Set<string>())
    for (const [unit, rows] of reader.units(request.context, answered.inputs, answered.rows)) {
      const key = JSON.stringify([objective, experiment, unit, shadow])
      const isSampled = this.below >= totalBuckets || bucketOf(sampleSalt, unit) < this.below
      if (recorded.has(key) || !isSampled) continue
      recorded.add(key)
      const exposure: Exposure = {
        time: new Date((this.parts.now ?? Date.now)()).toISOString(),
        request: request.id,
        objective,
        experiment: experiment!,
        cell: cell!,
        unitBy: reader.by,
        unit,
        model: shadow ?? exposureModel(answered, rows),
        chosen: decision.model,
        ...originOf(request.isSynthetic, shadow !== undefined),
        rows: rows.length,
        ruleSet: rules.number,
        ruleSetHash: rules.sha256,
      }
      this.parts.write(JSON.stringify(exposure), this.counterOf(exposure))
    }
  }

  private counterOf({ objective, experiment, origin }: Exposure): Counter {
    const help = 'Recorded assignments of units to cells of experiments.'
    const labels = { objective, experiment, origin }
    return this.parts.runtime.metrics.counter('presage_exposures_total', help, labels)
  }
}

/** A synthetic request's shadow is `synthetic` and not `shadow`, so that the origin `shadow` holds no test traffic. */
function originOf(isSynthetic: true | undefined, isShadow: boolean): Pick<Exposure, 'origin' | 'shadow'> {
  if (isSynthetic) return { origin: 'synthetic', ...(isShadow && { shadow: true }) }
  return { origin: isShadow ? 'shadow' : 'real' }
}

export const droppedHelp = 'Exposures that were not recorded, by reason.'

/** No experiment may have this salt: its cells would not be sampled evenly. */
const sampleSalt = murmurPrefix('presage exposures:')
