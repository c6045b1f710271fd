import { PresageError } from '../../lib/errors'
import { Emitter } from '../../lib/events'
import type { Log } from '../../lib/log'
import type { Objective } from '../../models/contracts/objective'
import { shardsOf } from '../../routing/ruleSet/ruleSet'
import { ModelCalls, type Prediction } from '../calls/modelCalls'
import type { AnsweredRows } from '../requests/answered'
import type { PredictionRuntime } from '../requests/predictionRuntime'
import { decidedTarget, type Target } from '../requests/target'
import { comparableRows } from './comparableRows'
import { ShadowMetrics } from './shadowMetrics'
import { type ShadowOutcome, shadowOutcomes } from './shadowOutcomes'

export interface ShadowSettings {
  /** Rows that may be under way or wait for it at once, in this process. */
  readonly maxRows: number
  /** How long a shadow may take from when it is asked, in milliseconds. */
  readonly deadlineMs: number
}

/** What a shadow made of rows that somebody else has answered. */
export interface ShadowedRows {
  /** The rows that it was asked, with the answer that the client got. */
  readonly rows: AnsweredRows
  /** `name@version` */
  readonly model: string
  readonly objective: Objective
  readonly prediction: Prediction
  /** By row. */
  readonly outcomes: readonly ShadowOutcome[]
  /** From when it was asked, in milliseconds. */
  readonly ms: number
}

/** Rows that a shadow is to be asked, once there is a turn for them. */
interface Errand {
  readonly rows: AnsweredRows
  readonly model: string
  /** When it was heard of, in the clock's milliseconds. */
  readonly since: number
}

/**
 * The event loop is quiet when three timers of 1 ms in a row were at most 2 ms late: where requests queue, a turn takes longer. To
 * look at turns themselves (`setImmediate`) would keep the loop from sleeping for as long as it is asked.
 */
const probes = 3
const probeMs = 1
const quietMs = 2

/** Groups of rows that may wait while it is not: what is kept for later is copied by every collection of garbage. */
const maxPatient = 4

/**
 * Asks shadows what they would have answered, with capacity that is left over.
 *
 *     answered ──(when the event loop is quiet)──> is a worker idle, and nobody waits? ──> asked ──> told
 *         ├─ too many rows under way: dropped           └─ no: dropped
 *         └─ not quiet before the deadline: dropped
 *
 * The client's request is not known to what runs here: nothing of it is waited for, cancelled or failed. Once asked, rows go after
 * all others of their shard, and are given up at a deadline of their own.
 */
export class Shadows {
  private readonly tell = new Emitter<ShadowedRows>()
  /** Fires when a shadow has answered, or failed. */
  readonly shadowed = this.tell.event
  private readonly metrics: ShadowMetrics
  private readonly stopHearing: () => void
  private readonly waiting: Errand[] = []
  private readonly running = new Set<Promise<void>>()
  /** That wait or are under way, counted once for each shadow. */
  private rows = 0
  private cancelProbe = () => {}

  constructor(
    private readonly runtime: PredictionRuntime,
    private readonly settings: ShadowSettings,
    private readonly log?: Log,
  ) {
    this.metrics = new ShadowMetrics(runtime.metrics)
    this.stopHearing = runtime.answered.event((rows) => {
      if (rows.decision.shadows !== undefined) this.hear(rows, rows.decision.shadows)
    })
  }

  /** Asks nothing more; resolves when what was asked is over. */
  async dispose(): Promise<void> {
    this.stopHearing()
    this.cancelProbe()
    for (const errand of this.waiting.splice(0)) this.dropWaiting(errand, 'shutting-down')
    await Promise.all(this.running)
  }

  private hear(answered: AnsweredRows, shadows: readonly string[]): void {
    const wasEmpty = this.waiting.length === 0
    for (const model of shadows) {
      if (this.rows + answered.rows > this.settings.maxRows)
        this.metrics.drop(answered.decision.objective, model, 'too-many-rows', answered.rows)
      else {
        this.rows += answered.rows
        this.waiting.push({ rows: answered, model, since: this.runtime.clock.now() })
      }
    }
    if (wasEmpty && this.waiting.length > 0) this.probe(0)
  }

  /** Waits until so many timers in a row were on time. `onTime`: how many have been. */
  private probe(onTime: number): void {
    const { clock } = this.runtime
    const due = clock.now() + probeMs
    this.cancelProbe = clock.after(probeMs, () => {
      const isOnTime = clock.now() - due <= quietMs
      if (!isOnTime) this.dropCrowd()
      if (this.waiting.length === 0) return
      if (isOnTime && onTime + 1 === probes) this.beginNext()
      else this.probe(isOnTime ? onTime + 1 : 0)
    })
  }

  /** One errand a turn, as long as turns are short, so that requests that come meanwhile are read between two. */
  private beginNext(): void {
    const { clock } = this.runtime
    this.begin(this.waiting.shift()!)
    const turnBegan = clock.now()
    if (this.waiting.length === 0) return
    setImmediate(() => {
      if (this.waiting.length === 0) return
      if (clock.now() - turnBegan <= quietMs) this.beginNext()
      else this.probe(0)
    })
  }

  /** The loop is busy: a few may wait for it to be quieter, until their time is over. */
  private dropCrowd(): void {
    const now = this.runtime.clock.now()
    const { waiting, settings } = this
    while (
      waiting.length > maxPatient ||
      (waiting.length > 0 && now - waiting[0].since > settings.deadlineMs)
    )
      this.dropWaiting(waiting.shift()!, 'busy')
  }

  private dropWaiting({ rows, model }: Errand, reason: 'busy' | 'shutting-down'): void {
    this.rows -= rows.rows
    this.metrics.drop(rows.decision.objective, model, reason, rows.rows)
  }

  private begin(errand: Errand): void {
    const running = this.ask(errand)
      .catch((error: unknown) => this.fail(errand, error))
      .finally(() => {
        this.rows -= errand.rows.rows
        this.running.delete(running)
      })
    this.running.add(running)
  }

  private async ask(errand: Errand): Promise<void> {
    const { model } = errand
    const rows = comparableRows(errand.rows, model)
    const { objective } = rows.decision
    if (rows.rows < errand.rows.rows)
      this.metrics.drop(objective, model, 'no-answer', errand.rows.rows - rows.rows)
    if (rows.rows === 0) return
    const { clock } = this.runtime
    const begun = clock.now()
    let target: Target
    try {
      target = this.targetOf(errand)
    } catch (error) {
      if (!(error instanceof PresageError)) throw error
      this.metrics.drop(objective, model, 'not-ready', rows.rows)
      return
    }
    const { shard } = target
    if (!shard.hasSpare(model)) {
      this.metrics.drop(objective, model, 'busy', rows.rows)
      return
    }
    const { columns, errors } = target.validate(rows.inputs, rows.rows)
    const calls = new ModelCalls(target.model, {
      submit: (key, distinct, count, { deadline }) =>
        shard.submit(key, distinct, count, { deadline, isSpare: true }),
    })
    const deadline = begun + this.settings.deadlineMs
    const asked = { errors, wanted: rows.wanted, deadline }
    const prediction = await calls.predict(columns, rows.rows, asked)
    this.end(rows, model, target.objective!, prediction, clock.now() - begun)
  }

  /** The shard that the field names, if the shadow is placed there, else its own first one. */
  private targetOf({ rows: { decision, rules, shard }, model }: Errand): Target {
    const { runtime } = this
    const { objective } = runtime.objectiveRules(rules, decision.objective)
    const shards = shardsOf(rules.ruleSet, model)
    const name = shard !== undefined && shards.includes(shard) ? shard : shards[0]
    return decidedTarget(runtime, objective, model, name)
  }

  private end(
    rows: AnsweredRows,
    model: string,
    objective: Objective,
    prediction: Prediction,
    ms: number,
  ): void {
    const outcomes = shadowOutcomes(prediction, objective, rows)
    const counts = this.metrics.count(objective.name, model, outcomes, ms)
    if (this.log?.isOn('info')) this.log.write('info', 'shadow', { ...facts(rows, model), ms, ...counts })
    try {
      this.tell.fire({ rows, model, objective, prediction, outcomes, ms })
    } catch (error) {
      this.log?.write('error', 'a shadow was not recorded', { ...facts(rows, model), error })
    }
  }

  /** What no code foresees; the next shadow may do better. */
  private fail({ rows, model }: Errand, error: unknown): void {
    this.metrics.fail(rows.decision.objective, model, rows.rows)
    this.log?.write('error', 'a shadow failed', { ...facts(rows, model), error })
  }
}

function facts({ request, decision, rows }: AnsweredRows, model: string) {
  return {
    shadow: true,
    request: request.id,
    objective: decision.objective,
    model,
    beside: decision.model,
    rows,
  }
}
