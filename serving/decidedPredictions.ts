import type { ClientRequest } from '../lib/clientRequest'
import { PresageError } from '../lib/errors'
import type { RowErrors } from '../models/model'
import type { DecidedRows, FallbackRows } from './answered'
import { explainDecided } from './explainRows'
import { FallbackAnswer, someMayFallBack } from './fallback'
import type { Prediction } from './modelCalls'
import type { CompiledObjectiveRules } from './objectiveRules'
import type { RequestCalls } from './requestCalls'
import { isSkewed } from './requestRules'
import type { ActiveRules } from './ruleBook'
import { type Refuse, RulesLimits } from './rulesLimits'
import type { Serving } from './serving'
import { decidedTarget, type Target } from './target'

/**
 * Answers rows of one client request as they were decided.
 *
 *     the chosen version, within the limits of its rules
 *        └─ rows that it cannot answer ──> each fallback in turn, for those that are still open
 *              └─ told to those who record and explain ──> the answer
 */
export class DecidedPredictions {
  private limits: RulesLimits | undefined

  constructor(
    private readonly request: ClientRequest,
    private readonly serving: Serving,
    private readonly rules: ActiveRules,
    private readonly calls: RequestCalls,
  ) {}

  /** Rejects, or throws, only with what no client may see. */
  predict(group: DecidedRows): Promise<Prediction> {
    const { serving, rules } = this
    const own = serving.objectiveRules(rules, group.decision.objective)
    const begun = serving.clock.now()
    const end = this.endOf(own)
    serving.countNulls(own.objective, group.inputs)
    return this.first(group, own, end).then((prediction) =>
      own.fallbacks.length > 0 && someMayFallBack(prediction.errors)
        ? this.fallBack(group, prediction, own, end).then((answer) =>
            this.told(group, answer.prediction, answer.fallback, begun),
          )
        : this.told(group, prediction, undefined, begun),
    )
  }

  /** Tells those who record and explain. */
  private told(
    group: DecidedRows,
    prediction: Prediction,
    fallback: FallbackRows | undefined,
    begun: number,
  ): Prediction {
    const { serving, rules, request } = this
    if (serving.answered.isHeard) {
      const ms = serving.clock.now() - begun
      // Name by name: what a spread makes costs more than all the rest of a small answer here.
      const { decision, decisions, shard, inputs, float32, rows, wanted } = group
      const of = { decision, decisions, shard, inputs, float32, rows, wanted, request, rules, prediction, ms }
      serving.tellAnswered(fallback === undefined ? of : { ...of, fallback })
    }
    if (request.explain === undefined) return prediction
    return explainDecided(group, prediction, fallback, rules, isSkewed(request, rules))
  }

  /** The version that was chosen. */
  private first(group: DecidedRows, own: CompiledObjectiveRules, end: number): Promise<Prediction> {
    const { decision, rows } = group
    const { model, shard } = decision
    if (own.limits === undefined) return this.ask(model, shard, group, own, end)
    this.limits ??= new RulesLimits(this.serving)
    return this.limits.within(decision.objective, own.limits, rows, (refuse) =>
      this.ask(model, shard, group, own, end, refuse),
    )
  }

  /** One version. `refuse` may add errors of rows that it must not be asked of. Errors of all rows are given row by row. */
  private ask(
    model: string,
    shard: string,
    group: DecidedRows,
    own: CompiledObjectiveRules,
    end: number,
    refuse: Refuse = unchanged,
  ): Promise<Prediction> {
    const { inputs, rows, wanted, float32 } = group
    let target: Target
    try {
      target = decidedTarget(this.serving, own.objective, model, shard)
    } catch (error) {
      if (!(error instanceof PresageError)) throw error
      return Promise.resolve({ outputs: {}, errors: new Array<PresageError>(rows).fill(error) })
    }
    const admitted = target.admit(inputs, rows, float32)
    const errors = refuse(admitted.errors)
    const { deadlineMs } = own
    const deadline = deadlineMs === undefined ? end : Math.min(end, this.serving.clock.now() + deadlineMs)
    return this.calls.predict(target, { columns: admitted.columns, rows, errors, wanted }, deadline)
  }

  private async fallBack(
    group: DecidedRows,
    first: Prediction,
    own: CompiledObjectiveRules,
    end: number,
  ): Promise<{ prediction: Prediction; fallback?: FallbackRows }> {
    const { decision } = group
    const answer = new FallbackAnswer(group, first)
    for (const one of own.fallbacks) {
      if (answer.open.length === 0) break
      if (one.is === 'constant') answer.fill(one.outputs)
      else if (one.model !== decision.model && this.serving.clock.now() < end) {
        const shard = group.shard ?? one.shards[0]
        if (!one.shards.includes(shard)) continue
        const part = await this.ask(one.model, shard, answer.openRows(), own, end)
        answer.take(one.model, part)
      }
    }
    const result = answer.result()
    if (result.fallback !== undefined) this.countFallbacks(group, result.fallback)
    return result
  }

  private countFallbacks({ decision }: DecidedRows, { by, codes }: FallbackRows): void {
    const { routing } = this.serving
    for (const to of new Set(by)) {
      if (to === undefined) continue
      const counts = new Map<NonNullable<(typeof codes)[number]>, number>()
      for (let row = 0; row < by.length; row++)
        if (by[row] === to) counts.set(codes[row]!, (counts.get(codes[row]!) ?? 0) + 1)
      for (const [code, rows] of counts)
        routing.countFallback(decision.objective, decision.model, to, code, rows)
    }
  }

  /** When the answer must be there, whoever gives it: the request's deadline, or sooner where the objective has one. */
  private endOf({ objective: { deadlineMs } }: CompiledObjectiveRules): number {
    const { deadline } = this.request
    return deadlineMs === undefined ? deadline : Math.min(deadline, this.serving.clock.now() + deadlineMs)
  }
}

function unchanged(errors: RowErrors | undefined): RowErrors | undefined {
  return errors
}
