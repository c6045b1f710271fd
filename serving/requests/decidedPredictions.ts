import { PresageError } from '../../lib/errors'
import type { ClientRequest } from '../../lib/request/clientRequest'
import type { ExplainFacts } from '../../lib/request/explain'
import { ModelCalls, noPrediction, type Prediction } from '../calls/modelCalls'
import { decidedTarget, type Target } from '../repository/modelRegistry'
import type { CompiledObjectiveRules } from '../rules/objectiveRules'
import { type ActiveRules, isSkewed } from '../rules/ruleBook'
import type { Allowance } from '../rules/rulesLimits'
import type { DecidedRows, FallbackRows, UndecidedRows } from './answered'
import { explainDecided } from './explainRows'
import { FallbackAnswer, someMayFallBack } from './fallback'
import { ignoredOverride } from './ignoredOverride'
import type { PredictionRuntime } from './predictionRuntime'

/**
 * Answers rows of one client request after routing decided on them.
 *
 *     the chosen version, for as many rows as the rules' limits allow
 *        └─ rows that it cannot or may not answer ──> each fallback in turn, for the rows still open
 *              └─ listeners record and explain ──> the answer
 *
 * It also calls the versions that fields pin.
 */
export class DecidedPredictions {
  private lastCalls: CallsTo | undefined

  constructor(
    private readonly request: ClientRequest,
    private readonly runtime: PredictionRuntime,
    private readonly rules: ActiveRules,
  ) {}

  /** `allowance` is what the rules' limits allow of the rows. Rejects or throws only with errors that clients may not see. */
  predict(
    group: DecidedRows,
    own: CompiledObjectiveRules,
    allowance: Allowance | undefined,
  ): Promise<Prediction> {
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
    const { facts = [] } = this.explained(rest, noPrediction, undefined)
    return { ...first, facts: [...(first.facts ?? []), ...facts] }
  }

  /** `allowance` is given if the chosen version may not answer all rows. */
  private answer(
    group: DecidedRows,
    own: CompiledObjectiveRules,
    allowance?: Allowance,
  ): Promise<Prediction> {
    const { runtime, request } = this
    const { model, shard } = group.decision
    const { deadlineMs } = own.objective
    const begun = runtime.clock.now()
    // When the answer is due, in the clock's milliseconds.
    const end = deadlineMs === undefined ? request.deadline : Math.min(request.deadline, begun + deadlineMs)
    runtime.counts.countNulls(own.objective, group.inputs)
    const allowed = allowance?.rows ?? group.rows
    const first =
      allowance?.error === undefined
        ? this.ask(model, shard, group, own, end)
        : predictFirst(group, allowance.rows, allowance.error, (part) =>
            this.ask(model, shard, part, own, end),
          )
    return first.then((prediction) =>
      own.fallbacks.length > 0 && someMayFallBack(prediction.errors)
        ? this.fallBack(group, prediction, own, end).then((answer) =>
            this.told(group, answer.prediction, answer.fallback, begun, allowed),
          )
        : this.told(group, prediction, undefined, begun, allowed),
    )
  }

  /** Counts the `allowed` rows without an answer, and tells the listeners that record and explain. */
  private told(
    group: DecidedRows,
    prediction: Prediction,
    fallback: FallbackRows | undefined,
    begun: number,
    allowed: number,
  ): Prediction {
    const { runtime, rules, request } = this
    // What limits refused says nothing about the version, whatever a fallback made of it.
    const errors = allowed < group.rows ? prediction.errors.slice(0, allowed) : prediction.errors
    runtime.counts.countUnanswered(group.decision, errors)
    const { experiment, shadows } = group.decision
    const isInTrial = experiment !== undefined || shadows !== undefined
    if (runtime.answered.isHeard || (isInTrial && runtime.answeredInTrial.isHeard)) {
      const ms = runtime.clock.now() - begun
      // Property by property, because a spread is slow here compared with the rest of a small answer.
      const { decision, decisions, shard, inputs, rows, wanted } = group
      const of = { decision, decisions, shard, inputs, rows, wanted, request, rules, prediction, ms }
      try {
        const answered = fallback === undefined ? of : { ...of, fallback }
        runtime.answered.fire(answered)
        if (isInTrial) runtime.answeredInTrial.fire(answered)
      } catch {
        runtime.counts.countListenerFailure()
      }
    }
    return request.explain === undefined ? prediction : this.explained(group, prediction, fallback)
  }

  /** The explanation of a row that a limit refused before it was read. */
  explainRefused(decided: Pick<DecidedRows, 'decision' | 'shard'>): ExplainFacts | undefined {
    return this.explained({ ...decided, inputs: [], rows: 1, wanted: [] }, noPrediction, undefined).facts?.[0]
  }

  private explained(
    group: DecidedRows,
    prediction: Prediction,
    fallback: FallbackRows | undefined,
  ): Prediction {
    const { request, rules } = this
    const ignored = ignoredOverride(request, this.runtime.registry, group.decision, group.shard)
    return explainDecided(group, prediction, fallback, {
      rules,
      isSkewed: isSkewed(request, rules),
      ignored,
    })
  }

  /** Asks one version. An error of the whole call becomes an error of each row. */
  private ask(
    model: string,
    shard: string,
    group: DecidedRows,
    own: CompiledObjectiveRules,
    end: number,
  ): Promise<Prediction> {
    let target: Target
    try {
      target = decidedTarget(this.runtime, own.objective, model, shard)
    } catch (error) {
      if (!(error instanceof PresageError)) throw error
      return Promise.resolve({ outputs: {}, errors: new Array<PresageError>(group.rows).fill(error) })
    }
    const { deadlineMs } = own
    const deadline = deadlineMs === undefined ? end : Math.min(end, this.runtime.clock.now() + deadlineMs)
    return this.call(target, group, deadline)
  }

  /**
   * Calls a version. Equal rows of the request share an inference, whichever field asked. `deadline` is in the clock's
   * milliseconds. Rejects only with errors that clients may not see.
   */
  call(target: Target, { inputs, rows, wanted }: UndecidedRows, deadline: number): Promise<Prediction> {
    const { columns, errors } = target.validate(inputs, rows)
    const isExplained = this.request.explain !== undefined
    return this.callsTo(target).predict(columns, rows, { errors, wanted, deadline, isExplained })
  }

  private callsTo(target: Target): ModelCalls {
    const { model, shard, objective } = target
    for (let one = this.lastCalls; one !== undefined; one = one.next) {
      if (one.model === model && one.shard === shard && one.objective === objective) return one.calls
    }
    const { cache } = this.runtime
    const taker = cache === undefined ? shard : cache.over(target, this.request)
    const calls = new ModelCalls(model, taker, this.request)
    this.lastCalls = { model, shard, objective, calls, next: this.lastCalls }
    return calls
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
    if (result.fallback !== undefined) this.runtime.counts.countFallbacks(decision, result.fallback)
    return result
  }
}

/** The calls of one request, by target, in a linked list: there are few targets, so a linear search is enough. */
interface CallsTo {
  readonly model: Target['model']
  readonly shard: Target['shard']
  readonly objective: Target['objective']
  readonly calls: ModelCalls
  readonly next: CallsTo | undefined
}

/** Predicts the first `allowed` rows of a larger group. The others get `error` without being read. */
async function predictFirst(
  group: DecidedRows,
  allowed: number,
  error: PresageError,
  predict: (first: DecidedRows) => Promise<Prediction>,
): Promise<Prediction> {
  const { rows, inputs, decisions } = group
  const first =
    allowed === 0
      ? noPrediction
      : await predict({
          ...group,
          ...(decisions && { decisions: decisions.slice(0, allowed) }),
          inputs: inputs.map((column) => column.slice(0, allowed)),
          rows: allowed,
        })
  const errors: (PresageError | undefined)[] = new Array(rows).fill(error)
  for (let row = 0; row < allowed; row++) errors[row] = first.errors[row]
  return { ...first, errors }
}
