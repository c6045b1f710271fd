import { PresageError } from '../../lib/errors'
import type { ClientRequest } from '../../lib/request/clientRequest'
import type { Prediction } from '../calls/modelCalls'
import type { CompiledObjectiveRules } from '../rules/objectiveRules'
import { isSkewed } from '../rules/requestRules'
import type { ActiveRules } from '../rules/ruleBook'
import { type Allowance, RulesLimits } from '../rules/rulesLimits'
import type { DecidedRows, FallbackRows } from './answered'
import { endingWith } from './endingWith'
import { explainDecided, type IgnoredOverride } from './explainRows'
import { FallbackAnswer, someMayFallBack } from './fallback'
import { predictFirst } from './firstRows'
import type { PredictionRuntime } from './predictionRuntime'
import type { RequestCalls } from './requestCalls'
import { decidedTarget, type Target } from './target'

/**
 * Answers rows of one client request after routing decided on them.
 *
 *     the chosen version, for as many rows as the rules' limits allow
 *        └─ rows that it cannot or may not answer ──> each fallback in turn, for the rows still open
 *              └─ listeners record and explain ──> the answer
 */
export class DecidedPredictions {
  private limits: RulesLimits | undefined

  constructor(
    private readonly request: ClientRequest,
    private readonly runtime: PredictionRuntime,
    private readonly rules: ActiveRules,
    private readonly calls: RequestCalls,
  ) {}

  /** How many of these rows the rules' limits allow; undefined if there are no limits. */
  allow(objective: string, rows: number): Allowance | undefined {
    const { limits } = this.runtime.objectiveRules(this.rules, objective)
    if (limits === undefined) return undefined
    this.limits ??= new RulesLimits(this.request, this.runtime.limiters)
    return this.limits.ask(limits, rows)
  }

  /** Whether the objective has fallbacks for rows that the chosen version does not answer. */
  hasFallbacks(objective: string): boolean {
    return this.runtime.objectiveRules(this.rules, objective).fallbacks.length > 0
  }

  /**
   * `allowed` is the limits' answer, if they were asked already. Rejects or throws only with errors that clients may
   * not see.
   */
  predict(group: DecidedRows, allowed?: Allowance): Promise<Prediction> {
    if (allowed !== undefined) return this.within(group, allowed)
    const allowance = this.allow(group.decision.objective, group.rows)
    if (allowance?.end === undefined) return this.within(group, allowance)
    return endingWith(allowance.end, () => this.within(group, allowance))
  }

  private within(group: DecidedRows, allowance: Allowance | undefined): Promise<Prediction> {
    const own = this.runtime.objectiveRules(this.rules, group.decision.objective)
    const { rows } = group
    if (allowance?.error === undefined || allowance.rows >= rows) return this.answer(group, own)
    if (own.fallbacks.length > 0) return this.answer(group, own, allowance)
    return this.answerFirst(group, own, allowance.rows, allowance.error)
  }

  /** Answers the first rows and refuses the others. Listeners are not told of the refused ones. */
  private async answerFirst(
    group: DecidedRows,
    own: CompiledObjectiveRules,
    allowed: number,
    error: PresageError,
  ): Promise<Prediction> {
    const first = await predictFirst(group, allowed, error, (part) => this.answer(part, own))
    if (this.request.explain === undefined) return first
    const { decisions, rows } = group
    const rest = { ...group, rows: rows - allowed, ...(decisions && { decisions: decisions.slice(allowed) }) }
    const { facts = [] } = this.explained(rest, { outputs: {}, errors: [] }, undefined)
    return { ...first, facts: [...(first.facts ?? []), ...facts] }
  }

  /** `allowance` is given if the chosen version may not answer all rows. */
  private answer(
    group: DecidedRows,
    own: CompiledObjectiveRules,
    allowance?: Allowance,
  ): Promise<Prediction> {
    const { runtime } = this
    const begun = runtime.clock.now()
    const end = this.endOf(own)
    runtime.countNulls(own.objective, group.inputs)
    return this.first(group, own, end, allowance).then((prediction) =>
      own.fallbacks.length > 0 && someMayFallBack(prediction.errors)
        ? this.fallBack(group, prediction, own, end).then((answer) =>
            this.told(group, answer.prediction, answer.fallback, begun),
          )
        : this.told(group, prediction, undefined, begun),
    )
  }

  /** Counts rows without an answer, and tells the listeners that record and explain. */
  private told(
    group: DecidedRows,
    prediction: Prediction,
    fallback: FallbackRows | undefined,
    begun: number,
  ): Prediction {
    const { runtime, rules, request } = this
    runtime.routing.countFailures(group.decision, prediction.errors)
    if (runtime.answered.isHeard) {
      const ms = runtime.clock.now() - begun
      // Property by property, because a spread is slow here compared with the rest of a small answer.
      const { decision, decisions, shard, inputs, rows, wanted } = group
      const of = { decision, decisions, shard, inputs, rows, wanted, request, rules, prediction, ms }
      runtime.tellAnswered(fallback === undefined ? of : { ...of, fallback })
    }
    return request.explain === undefined ? prediction : this.explained(group, prediction, fallback)
  }

  private explained(
    group: DecidedRows,
    prediction: Prediction,
    fallback: FallbackRows | undefined,
  ): Prediction {
    const { request, rules } = this
    const ignored = this.ignoredOverride(group)
    return explainDecided(group, prediction, fallback, {
      rules,
      isSkewed: isSkewed(request, rules),
      ignored,
    })
  }

  /** An override counts for all rows of an objective or for none. */
  private ignoredOverride({ decision, shard }: DecidedRows): IgnoredOverride | undefined {
    const { objective, reason } = decision
    const model = this.request.overrides?.get(objective)
    if (model === undefined || reason === 'override') return undefined
    const why = this.runtime.registry.whyNot(objective, model)
    const here = shard === undefined ? 'it was not ready' : `it is not placed on shard ${shard}`
    return { model, why: why ?? here }
  }

  /** Asks the chosen version. */
  private first(
    group: DecidedRows,
    own: CompiledObjectiveRules,
    end: number,
    allowance: Allowance | undefined,
  ): Promise<Prediction> {
    const { model, shard } = group.decision
    if (allowance?.error === undefined) return this.ask(model, shard, group, own, end)
    return predictFirst(group, allowance.rows, allowance.error, (part) =>
      this.ask(model, shard, part, own, end),
    )
  }

  /** Asks one version. An error of the whole call becomes an error of each row. */
  private ask(
    model: string,
    shard: string,
    group: DecidedRows,
    own: CompiledObjectiveRules,
    end: number,
  ): Promise<Prediction> {
    const { inputs, rows, wanted } = group
    let target: Target
    try {
      target = decidedTarget(this.runtime, own.objective, model, shard)
    } catch (error) {
      if (!(error instanceof PresageError)) throw error
      return Promise.resolve({ outputs: {}, errors: new Array<PresageError>(rows).fill(error) })
    }
    const { columns, errors } = target.validate(inputs, rows)
    const { deadlineMs } = own
    const deadline = deadlineMs === undefined ? end : Math.min(end, this.runtime.clock.now() + deadlineMs)
    return this.calls.predict(target, { columns, rows, errors, wanted }, deadline)
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
      else if (one.model !== decision.model && this.runtime.clock.now() < end) {
        const shard = group.shard ?? one.shards[0]
        if (!one.shards.includes(shard)) continue
        const part = await this.ask(one.model, shard, answer.openRows(), own, end)
        answer.take(one.model, part)
      }
    }
    const result = answer.result()
    if (result.fallback !== undefined) this.runtime.routing.countFallbacks(decision, result.fallback)
    return result
  }

  /**
   * When the answer is due, in the clock's milliseconds: the request's deadline, or sooner if the objective has one.
   */
  private endOf({ objective: { deadlineMs } }: CompiledObjectiveRules): number {
    const { deadline } = this.request
    return deadlineMs === undefined ? deadline : Math.min(deadline, this.runtime.clock.now() + deadlineMs)
  }
}
