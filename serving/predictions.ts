import type { ClientRequest } from '../lib/clientRequest'
import type { Column } from '../lib/column'
import type { PresageError } from '../lib/errors'
import type { ExplainFacts } from '../lib/explain'
import type { Objective } from '../models/objective'
import type { ObjectiveRouter } from '../routing/router'
import type { PredictionField } from '../schema/plan'
import type { DecidedRows } from './answered'
import { DecidedGroups } from './decidedGroups'
import type { Prediction } from './modelCalls'
import { RequestServing } from './requestServing'
import { type PredictedRow, RowLoaders, type TellRow } from './rowLoaders'
import type { Serving } from './serving'

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

  /**
   * Predicts many rows of a field at once: inputs by column, in the order of the field's inputs; `float32` as `DecidedRows` has
   * it. Never rejects.
   */
  loadColumns(
    field: PredictionField,
    inputs: readonly Column[],
    rows: number,
    wanted: readonly string[],
    float32?: readonly boolean[],
  ): Promise<Prediction> {
    if (rows === 0) return Promise.resolve(nothing)
    const counted = (prediction: Prediction) => {
      this.own.countFailures(field, prediction.errors)
      return prediction
    }
    const refused = (error: unknown) => counted({ outputs: {}, errors: new Array(rows).fill(error) })
    try {
      return this.predictColumns(field, inputs, rows, wanted, float32).then(counted, refused)
    } catch (error) {
      return Promise.resolve(refused(error))
    }
  }

  private predictColumns(
    field: PredictionField,
    inputs: readonly Column[],
    rows: number,
    wanted: readonly string[],
    float32: readonly boolean[] | undefined,
  ): Promise<Prediction> {
    const { own } = this
    const { target, shard } = field
    if (target.kind === 'model') {
      return this.within(undefined, inputs, rows, (within, count) =>
        own.predictPinned(field, within, count, wanted),
      )
    }
    const router = own.router(target.objective, shard)
    const objective = own.objective(target.objective)
    if (router.perRow) return this.predictByRow(field, router, objective, { inputs, rows, wanted, float32 })
    const decision = own.decide(router, target.objective)
    return this.predictDecided(objective, { decision, shard, inputs, rows, wanted, float32 })
  }

  /** Rows that are sent different ways go apart and come together again. */
  private async predictByRow(
    { shard }: PredictionField,
    router: ObjectiveRouter,
    objective: Objective,
    { inputs, rows, wanted, float32 }: Pick<DecidedRows, 'inputs' | 'rows' | 'wanted' | 'float32'>,
  ): Promise<Prediction> {
    const { own } = this
    const ways = new DecidedGroups()
    for (let row = 0; row < rows; row++) ways.add(row, own.decideRow(router, objective.name, inputs, row))
    for (const { decision, members } of ways.groups) own.countDecisions(decision, members.length)
    if (ways.groups.length === 1) {
      const [{ decision, decisions }] = ways.groups
      return this.predictDecided(objective, { decision, decisions, shard, inputs, rows, wanted, float32 })
    }
    const errors: (PresageError | undefined)[] = new Array(rows).fill(undefined)
    const outputs = Object.fromEntries(wanted.map((name) => [name, new Array<unknown>(rows).fill(null)]))
    const facts = own.isExplained ? new Array<ExplainFacts | undefined>(rows).fill(undefined) : undefined
    const answers = ways.groups.map(async ({ decision, decisions, members }) => {
      const columns = inputs.map((column) => members.map((row) => column[row]))
      const group = { decision, decisions, shard, inputs: columns, rows: members.length, wanted, float32 }
      let part: Prediction
      try {
        part = await this.predictDecided(objective, group)
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

  private predictDecided(objective: Objective, group: DecidedRows): Promise<Prediction> {
    const { own } = this
    return this.within(objective, group.inputs, group.rows, (inputs, rows) => {
      if (rows === group.rows) return own.decided.predict(group)
      const { decisions } = group
      return own.decided.predict({
        ...group,
        ...(decisions && { decisions: decisions.slice(0, rows) }),
        inputs,
        rows,
      })
    })
  }

  /** Answers the rows that the request may still have; those beyond are refused. */
  private within(
    objective: Objective | undefined,
    inputs: readonly Column[],
    rows: number,
    predict: PredictRows,
  ): Promise<Prediction> {
    const allowed = this.own.limits.take(rows, objective)
    if (allowed.error === undefined) return predict(inputs, rows)
    return withRefused(inputs, rows, allowed.rows, allowed.error, predict)
  }
}

type PredictRows = (inputs: readonly Column[], rows: number) => Promise<Prediction>

/** Predicts the first `allowed` rows; the others have an error. */
async function withRefused(
  inputs: readonly Column[],
  rows: number,
  allowed: number,
  error: PresageError,
  predict: PredictRows,
): Promise<Prediction> {
  const first = inputs.map((column) => column.slice(0, allowed))
  const { outputs, errors, facts } = allowed === 0 ? nothing : await predict(first, allowed)
  const all = Array.from({ length: rows }, (_, row) => (row < allowed ? errors[row] : error))
  return { outputs, errors: all, ...(facts && { facts }) }
}

const nothing: Prediction = Object.freeze({ outputs: {}, errors: [] })
