import { PresageError } from '../../lib/errors'
import { memoized, SmallMap } from '../../lib/memoized'
import type { ClientRequest } from '../../lib/request/clientRequest'
import type { ExplainFacts } from '../../lib/request/explain'
import type { Objective } from '../../models/contracts/objective'
import type { Decision, ObjectiveRouter } from '../../routing/ruleSet/router'
import type { PredictionField } from '../../schema/fields/plan'
import { noPrediction, type Prediction } from '../calls/modelCalls'
import { pinnedTarget } from '../repository/modelRegistry'
import type { CompiledObjectiveRules } from '../rules/objectiveRules'
import { type ActiveRules, rulesOf, type Way } from '../rules/ruleBook'
import { type Allowance, endingWith, RulesLimits } from '../rules/rulesLimits'
import type { UndecidedRows } from './answered'
import { DecidedPredictions } from './decidedPredictions'
import { explainPinned } from './explainRows'
import type { PredictionRuntime } from './predictionRuntime'
import { DecidedGroups, joinParts } from './rowGroups'

const scopeKey = Symbol('predictions')

/** The predictions of one client request, shared by all its fields and subgraphs. */
export function predictionsOf(request: ClientRequest, runtime: PredictionRuntime): Predictions {
  return request.scope(scopeKey, () => new Predictions(request, runtime))
}

/** The limits' answer for rows of a field, before any of them are read. */
export interface AskedRows {
  /** Undefined if the field pins a version. */
  readonly way: Way | undefined
  readonly count: number
  /** How many rows to read: the first ones. */
  readonly read: number
  /** The other rows, in order. */
  readonly refused: readonly RefusedRows[]
  /** What the rules' limits allow of the rows to read; undefined if there are no limits or they are asked later. */
  readonly allowance: Allowance | undefined
}

/** Rows `from` to below `to`, which share an error. */
interface RefusedRows {
  readonly from: number
  readonly to: number
  readonly error: Error
  /** If they were decided, and explanations were asked for. */
  readonly facts?: ExplainFacts
}

/** Applies the limits to the rows of one client request, has routing decide on them, and has them answered. */
export class Predictions {
  private readonly limits: RowLimits
  private rulesLimits: RulesLimits | undefined
  private readonly rules: ActiveRules
  private readonly decided: DecidedPredictions
  private readonly decisions = new SmallMap<ObjectiveRouter, Decision>()

  constructor(
    private readonly request: ClientRequest,
    private readonly runtime: PredictionRuntime,
  ) {
    this.limits = new RowLimits(runtime.maxRows, request.usage)
    this.rules = rulesOf(request, runtime)
    this.decided = new DecidedPredictions(request, runtime, this.rules)
  }

  /** Asks the limits for this many rows of a field, before any of them are read. */
  ask(field: PredictionField, count: number): AskedRows {
    const refused: RefusedRows[] = []
    let read = count
    let way: Way | undefined
    let allowance: Allowance | undefined
    const refuse = (from: number, error: Error, facts?: ExplainFacts) => {
      if (from < read) refused.unshift({ from, to: read, error, ...(facts && { facts }) })
      read = from
    }
    try {
      way = this.rules.wayOf(field)
      const allowed = this.limits.take(count, way?.own.objective)
      if (allowed.error !== undefined) refuse(allowed.rows, allowed.error)
      if (way?.router.perRow === false) {
        // Rows beyond the limits must still be read if fallbacks may answer them.
        const isForAll = way.own.fallbacks.length > 0
        // Nobody ends what is asked for no rows.
        allowance = read === 0 ? undefined : this.allow(way.own, read)
        if (allowance?.error !== undefined && !isForAll)
          refuse(allowance.rows, allowance.error, this.explainedUnread(way, field))
        // It counts as decided, though maybe no row of it is predicted.
        if (read < count) this.decide(way)
      }
    } catch (error) {
      refuse(0, error as Error)
    }
    for (const { from, to, error } of refused) this.runtime.counts.countFailure(field, error, to - from)
    return { way, count, read, refused, allowance }
  }

  /**
   * Predicts rows of a field that `ask` allowed. Inputs are by column, in the order of the field's inputs. `check` may
   * fail further rows. Never rejects.
   */
  predict(
    field: PredictionField,
    columns: UndecidedRows,
    asked: AskedRows,
    check?: (prediction: Prediction, rows: number) => Prediction,
  ): Promise<Prediction> {
    const { rows } = columns
    if (rows === 0) return Promise.resolve(noPrediction)
    const counted = (predicted: Prediction) => {
      const prediction = check === undefined ? predicted : check(predicted, rows)
      this.runtime.counts.countFailures(field, prediction.errors)
      return prediction
    }
    const refused = (error: unknown) => counted({ outputs: {}, errors: new Array(rows).fill(error) })
    try {
      return this.predictColumns(field, columns, asked).then(counted, refused)
    } catch (error) {
      return Promise.resolve(refused(error))
    }
  }

  private predictColumns(
    field: PredictionField,
    columns: UndecidedRows,
    { way, allowance }: AskedRows,
  ): Promise<Prediction> {
    if (way === undefined) return this.predictPinned(field, columns)
    if (way.router.perRow) return this.predictByRow(field, way, columns)
    const { inputs, rows, wanted } = columns
    const group = { decision: this.decide(way), shard: field.shard, inputs, rows, wanted }
    return this.decided.predict(group, way.own, allowance)
  }

  /** Predicts rows of a field that pins a model. Throws `MODEL_NOT_FOUND` or `MODEL_NOT_READY`. */
  private async predictPinned(field: PredictionField, columns: UndecidedRows): Promise<Prediction> {
    const target = pinnedTarget(this.runtime, field)
    const answer = this.decided.call(target, columns, this.request.deadline)
    return this.isExplained ? explainPinned(target, columns.rows, await answer) : answer
  }

  /** Decides once for all rows of the request. */
  private decide({ own, router }: Way): Decision {
    let decision = this.decisions.get(router)
    if (decision === undefined) {
      const { context, overrides } = this.request
      decision = router.decide(context, overrides?.get(own.objective.name))
      this.runtime.counts.countDecisions(decision, 1)
      this.decisions.set(router, decision)
    }
    return decision
  }

  /** Decides row by row, predicts each group of equal decisions, and joins the results. */
  private async predictByRow(
    { shard }: PredictionField,
    { own, router }: Way,
    { inputs, rows, wanted }: UndecidedRows,
  ): Promise<Prediction> {
    const { context, overrides, deadline } = this.request
    const override = overrides?.get(own.objective.name)
    const ways = new DecidedGroups()
    for (let row = 0; row < rows; row++) ways.add(row, router.decideRow(context, inputs, row, override))
    for (const { decision, members } of ways.groups)
      this.runtime.counts.countDecisions(decision, members.length)
    // For all groups together, so that the first rows are answered, whichever versions answer them.
    const allowance = this.allow(own, rows)
    const predict = () => {
      if (ways.groups.length === 1) {
        const [{ decision, decisions }] = ways.groups
        return this.decided.predict({ decision, decisions, shard, inputs, rows, wanted }, own, allowance)
      }
      const parts = ways.groups.map(({ decision, decisions, members }) => {
        const columns = inputs.map((column) => members.map((row) => column[row]))
        const group = { decision, decisions, shard, inputs: columns, rows: members.length, wanted }
        const ofGroup = allowance && allowanceOf(members, allowance)
        return { members, predict: () => this.decided.predict(group, own, ofGroup) }
      })
      return joinParts(parts, rows, wanted)
    }
    if (allowance?.end === undefined) return predict()
    return endingWith(allowance.end, deadline, this.runtime.clock, predict)
  }

  /** How many of these rows the rules' limits allow; undefined if there are no limits. */
  private allow({ limits }: CompiledObjectiveRules, rows: number): Allowance | undefined {
    if (limits === undefined) return undefined
    this.rulesLimits ??= new RulesLimits(this.request, this.runtime.limiters)
    return this.rulesLimits.ask(limits, rows)
  }

  /** The explanation of rows that are decided but not read, if explanations were asked for. */
  private explainedUnread(way: Way, { shard }: PredictionField): ExplainFacts | undefined {
    if (!this.isExplained) return undefined
    return this.decided.explainRefused({ decision: this.decide(way), shard })
  }

  /** Whether the client asked for explanations. */
  private get isExplained(): boolean {
    return this.request.explain !== undefined
  }
}

/** What of an allowance is for some of its rows, which are in ascending order. */
function allowanceOf(members: readonly number[], { rows, error }: Allowance): Allowance {
  const refused = members.findIndex((row) => row >= rows)
  if (refused === -1) return { rows: members.length, error: undefined, end: undefined }
  return { rows: refused, error, end: undefined }
}

/** The limits on prediction rows of one client request: `maxRows` for all objectives together, and each objective's own. */
export class RowLimits {
  private readonly rowsByObjective = new SmallMap<Objective, number>()

  constructor(
    private readonly maxRows: number,
    /** Counts the rows of the request. */
    private readonly usage: { predictionRows: number },
  ) {}

  /** Takes up to `asked` further rows. If there are fewer, `error` is for the others. */
  take(asked: number, objective?: Objective): { readonly rows: number; readonly error?: PresageError } {
    const used = objective === undefined ? 0 : (this.rowsByObjective.get(objective) ?? 0)
    const perRequest = this.maxRows - this.usage.predictionRows
    const perObjective = objective === undefined ? perRequest : objective.maxRows - used
    const rows = Math.min(asked, perRequest, perObjective)
    this.usage.predictionRows += rows
    if (objective !== undefined) this.rowsByObjective.set(objective, used + rows)
    if (rows === asked) return { rows }
    const owner = perObjective < perRequest ? objective : undefined
    return { rows, error: refusal(owner?.maxRows ?? this.maxRows)(owner?.name) }
  }
}

/** For rows beyond a limit: the objective's own, if there is a name. Made once and frozen. */
const refusal = memoized((maximum: number) =>
  memoized((objective: string | undefined) => {
    const whose = objective === undefined ? '' : ` of ${objective}`
    const details = {
      limit: objective === undefined ? 'predictionRows' : 'maxRows',
      ...(objective !== undefined && { objective }),
      maximum,
    }
    return Object.freeze(
      new PresageError(
        'TOO_MANY_ROWS',
        `a request may have at most ${maximum} prediction rows${whose}`,
        details,
      ),
    )
  }),
)
