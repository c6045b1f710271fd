import { PresageError } from '../../lib/errors'
import { Emitter } from '../../lib/events'
import type { Log } from '../../lib/log'
import type { Objective } from '../../models/contracts/objective'
import { shardsOf } from '../../routing/ruleSet/ruleSet'
import { ModelCalls, type Prediction } from '../calls/modelCalls'
import { decidedTarget, type Target } from '../repository/modelRegistry'
import type { AnsweredRows } from '../requests/answered'
import type { PredictionRuntime } from '../requests/predictionRuntime'
import { comparableRows } from './comparableRows'
import { ShadowMetrics } from './shadowMetrics'
import { type ShadowOutcome, shadowOutcomes } from './shadowOutcomes'

export interface ShadowSettings {
  /** The most rows that may be in flight or waiting at once, in this process. */
  readonly maxRows: number
  /** How long a shadow may take, in milliseconds. */
  readonly deadlineMs: number
}

/** A shadow's answer to rows that another version answered. */
export interface ShadowedRows {
  /** The rows that it was sent, with the client's answer. */
  readonly rows: AnsweredRows
  /** `name@version` */
  readonly model: string
  readonly objective: Objective
  readonly prediction: Prediction
  /** By row. */
  readonly outcomes: readonly ShadowOutcome[]
  /** How long the shadow took, in milliseconds. */
  readonly ms: number
}

/** Rows that wait to be sent to a shadow. */
interface WaitingRows {
  readonly rows: AnsweredRows
  readonly model: string
  /** When the rows were answered, in the clock's milliseconds. */
  readonly since: number
}

/**
 * The event loop counts as quiet when three timers of 1 ms in a row were at most 2 ms late. Watching the turns
 * themselves with `setImmediate` would keep the loop from sleeping.
 */
const probes = 3
const probeMs = 1
const quietMs = 2

/** The most groups of rows that wait while it is not quiet. More would burden the garbage collector. */
const maxPatient = 4

/**
 * Sends rows to shadows with spare capacity, after the client's answer.
 *
 *     answered ──(when the event loop is quiet)──> is a worker idle, and nothing waiting? ──> sent ──> reported
 *         ├─ too many rows in flight: dropped             └─ no: dropped
 *         └─ not quiet before the deadline: dropped
 *
 * The client's request is independent of this: it never waits for a shadow, and cannot cancel one or be failed by one.
 * A shadow's rows run after all others of their shard, and have a deadline of their own.
 */
export class Shadows {
  private readonly tell = new Emitter<ShadowedRows>()
  /** Fires when a shadow has answered or failed. */
  readonly shadowed = this.tell.event
  private readonly metrics: ShadowMetrics
  private readonly stopHearing: () => void
  private readonly waiting: WaitingRows[] = []
  private readonly running = new Set<Promise<void>>()
  /** Rows waiting or in flight, counted once per shadow. */
  private rows = 0
  private cancelProbe = () => {}

  constructor(
    private readonly runtime: PredictionRuntime,
    private readonly settings: ShadowSettings,
    private readonly log?: Log,
  ) {
    this.metrics = new ShadowMetrics(runtime.metrics)
    this.stopHearing = runtime.answeredInTrial.event((rows) => {
      if (rows.decision.shadows !== undefined) this.hear(rows, rows.decision.shadows)
    })
  }

  /** Sends nothing more. Resolves when what was sent is over. */
  async dispose(): Promise<void> {
    this.stopHearing()
    this.cancelProbe()
    for (const waiting of this.waiting.splice(0)) this.dropWaiting(waiting, 'shutting-down')
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

  /** Waits until several timers in a row were on time. `onTime` counts those so far. */
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

  /** Sends one group per turn while turns are short, so that new requests are read in between. */
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

  /** Called while the loop is busy: a few groups may wait for it to become quiet, until their deadline. */
  private dropCrowd(): void {
    const now = this.runtime.clock.now()
    const { waiting, settings } = this
    while (
      waiting.length > maxPatient ||
      (waiting.length > 0 && now - waiting[0].since > settings.deadlineMs)
    )
      this.dropWaiting(waiting.shift()!, 'busy')
  }

  private dropWaiting({ rows, model }: WaitingRows, reason: 'busy' | 'shutting-down'): void {
    this.rows -= rows.rows
    this.metrics.drop(rows.decision.objective, model, reason, rows.rows)
  }

  private begin(waiting: WaitingRows): void {
    const running = this.ask(waiting)
      .catch((error: unknown) => this.fail(waiting, error))
      .finally(() => {
        this.rows -= waiting.rows.rows
        this.running.delete(running)
      })
    this.running.add(running)
  }

  private async ask(waiting: WaitingRows): Promise<void> {
    const { model } = waiting
    const rows = comparableRows(waiting.rows, model)
    const { objective } = rows.decision
    if (rows.rows < waiting.rows.rows)
      this.metrics.drop(objective, model, 'no-answer', waiting.rows.rows - rows.rows)
    if (rows.rows === 0) return
    const { clock } = this.runtime
    const begun = clock.now()
    let target: Target
    try {
      target = this.targetOf(waiting)
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
    const ms = clock.now() - begun
    const answering = target.objective!
    const outcomes = shadowOutcomes(prediction, answering, rows)
    const counts = this.metrics.count(objective, model, outcomes, ms)
    if (this.log?.isOn('info')) this.log.write('info', 'shadow', { ...facts(rows, model), ms, ...counts })
    try {
      this.tell.fire({ rows, model, objective: answering, prediction, outcomes, ms })
    } catch (error) {
      this.log?.write('error', 'a shadow was not recorded', { ...facts(rows, model), error })
    }
  }

  /** The shard that the field names if the shadow is placed there, else the shadow's first shard. */
  private targetOf({ rows: { decision, rules, shard }, model }: WaitingRows): Target {
    const { runtime } = this
    const { objective } = rules.objective(decision.objective)
    const shards = shardsOf(rules.ruleSet, model)
    const name = shard !== undefined && shards.includes(shard) ? shard : shards[0]
    return decidedTarget(runtime, objective, model, name)
  }

  /** Handles unexpected errors. They do not affect later shadows. */
  private fail({ rows, model }: WaitingRows, error: unknown): void {
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
