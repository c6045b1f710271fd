import type { Column } from '../../lib/column'
import type { PresageError } from '../../lib/errors'
import type { ClientRequest } from '../../lib/request/clientRequest'
import type { ExplainFacts } from '../../lib/request/explain'
import type { Objective } from '../../models/contracts/objective'
import type { ObjectiveRouter } from '../../routing/ruleSet/router'
import type { PredictionField } from '../../schema/fields/plan'
import type { Prediction } from '../calls/modelCalls'
import type { AskedRows, RefusedRows } from '../rules/askedRows'
import type { Allowance } from '../rules/rulesLimits'
import type { Serving } from '../serving'
import type { DecidedRows } from './answered'
import { DecidedGroups } from './decidedGroups'
import { RequestServing } from './requestServing'
import { type PredictedRow, RowLoaders, type TellRow } from './rowLoaders'

const scopeKey = Symbol('predictions')

/** The predictions of one client request, shared by all its fields and subgraphs. */
export function predictionsOf(request: ClientRequest, serving: Serving): Predictions {
  return request.scope(scopeKey, () => new Predictions(request, serving))
}

/** Groups the rows that the fields of one client request ask for by the routing decision, and answers each group. */
export class Predictions {
  private readonly own: RequestServing
  private loaders: RowLoaders | undefined

  constructor(request: ClientRequest, serving: Serving) {
    this.own = new RequestServing(request, serving)
  }

  /** Predicts one row of a field. Rejects with a PresageError if this row cannot be predicted. */
  load(
    field: PredictionField,
    inputs: readonly unknown[],
    wanted: readonly string[],
    tell: TellRow | undefined,
  ): Promise<PredictedRow> {
    this.loaders ??= new RowLoaders(this.own)
    return this.loaders.load(field, inputs, wanted, tell)
  }

  /** Asks the limits for so many rows of a field, before anything of them is read. */
  ask(field: PredictionField, count: number): AskedRows {
    const { own } = this
    const refused: RefusedRows[] = []
    let read = count
    let allowance: Allowance | undefined
    const refuse = (from: number, error: Error) => {
      if (from < read) refused.unshift({ from, to: read, error })
      read = from
    }
    try {
      const { target, shard } = field
      const objective = target.kind === 'objective' ? own.objective(target.objective) : undefined
      const allowed = own.limits.take(count, objective)
      if (allowed.error !== undefined) refuse(allowed.rows, allowed.error)
      if (objective !== undefined && !own.router(objective.name, shard).perRow) {
        // Others may answer what is beyond the limits, and must read it; who asks why is told of each row.
        const isForAll = own.isExplained || own.decided.hasFallbacks(objective.name)
        allowance = own.decided.allow(objective.name, read)
        if (allowance?.error !== undefined && !isForAll) refuse(allowance.rows, allowance.error)
      }
    } catch (error) {
      refuse(0, error as Error)
    }
    for (const { from, to, error } of refused) own.countFailure(field, error, to - from)
    return { count, read, refused, allowance }
  }

  /**
   * Predicts many rows of a field at once, which `ask` has let through: inputs by column, in the order of the field's inputs.
   * Never rejects.
   */
  loadColumns(
    field: PredictionField,
    inputs: readonly Column[],
    rows: number,
    wanted: readonly string[],
    allowance?: Allowance,
  ): Promise<Prediction> {
    if (rows === 0) return Promise.resolve(nothing)
    const counted = (prediction: Prediction) => {
      this.own.countFailures(field, prediction.errors)
      return prediction
    }
    const refused = (error: unknown) => counted({ outputs: {}, errors: new Array(rows).fill(error) })
    try {
      return this.predictColumns(field, { inputs, rows, wanted }, allowance).then(counted, refused)
    } catch (error) {
      return Promise.resolve(refused(error))
    }
  }

  private predictColumns(
    field: PredictionField,
    columns: Columns,
    allowance: Allowance | undefined,
  ): Promise<Prediction> {
    const { own } = this
    const { target, shard } = field
    const { inputs, rows, wanted } = columns
    if (target.kind === 'model') return own.predictPinned(field, inputs, rows, wanted)
    const router = own.router(target.objective, shard)
    if (router.perRow) return this.predictByRow(field, router, own.objective(target.objective), columns)
    const decision = own.decide(router, target.objective)
    return own.decided.predict({ decision, shard, inputs, rows, wanted }, allowance)
  }

  /** Rows that are sent different ways go apart and come together again. */
  private async predictByRow(
    { shard }: PredictionField,
    router: ObjectiveRouter,
    objective: Objective,
    { inputs, rows, wanted }: Columns,
  ): Promise<Prediction> {
    const { own } = this
    const ways = new DecidedGroups()
    for (let row = 0; row < rows; row++) ways.add(row, own.decideRow(router, objective.name, inputs, row))
    for (const { decision, members } of ways.groups) own.countDecisions(decision, members.length)
    if (ways.groups.length === 1) {
      const [{ decision, decisions }] = ways.groups
      return own.decided.predict({ decision, decisions, shard, inputs, rows, wanted })
    }
    const errors: (PresageError | undefined)[] = new Array(rows).fill(undefined)
    const outputs = Object.fromEntries(wanted.map((name) => [name, new Array<unknown>(rows).fill(null)]))
    const facts = own.isExplained ? new Array<ExplainFacts | undefined>(rows).fill(undefined) : undefined
    const answers = ways.groups.map(async ({ decision, decisions, members }) => {
      const columns = inputs.map((column) => members.map((row) => column[row]))
      const group = { decision, decisions, shard, inputs: columns, rows: members.length, wanted }
      let part: Prediction
      try {
        part = await own.decided.predict(group)
      } catch (error) {
        for (const row of members) errors[row] = error as PresageError
        return
      }
      for (let i = 0; i < members.length; i++) {
        errors[members[i]] = part.errors[i]
        if (facts !== undefined) facts[members[i]] = part.facts?.[i]
        if (part.errors[i] === undefined)
          for (const name of wanted) outputs[name][members[i]] = part.outputs[name][i]
      }
    })
    await Promise.all(answers)
    return { outputs, errors, ...(facts && { facts }) }
  }
}

/** Inputs of rows, before it is decided who answers them. */
type Columns = Pick<DecidedRows, 'inputs' | 'rows' | 'wanted'>

const nothing: Prediction = Object.freeze({ outputs: {}, errors: [] })
