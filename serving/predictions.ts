import DataLoader from 'dataloader'
import type { ClientRequest } from '../lib/clientRequest'
import type { Column } from '../lib/column'
import { type ErrorCode, PresageError } from '../lib/errors'
import type { Objective } from '../models/objective'
import type { Decision, ObjectiveRouter } from '../routing/router'
import type { PredictionField } from '../schema/plan'
import { ModelCalls, type Prediction } from './modelCalls'
import { type RowLimits, rowLimitsOf } from './rowLimits'
import type { Serving } from './serving'
import { decidedTarget, pinnedTarget, type Target } from './target'

/** The outputs of one row: columns that it shares with its neighbours, and its place in them. */
export interface PredictedRow {
  readonly prediction: Prediction
  readonly row: number
}

/** One row that a field asks for: raw input values in the order of the field's inputs, and the outputs wanted. */
interface Row {
  readonly inputs: readonly unknown[]
  readonly wanted: readonly string[]
}

/** In the order of the rows asked. */
type Answers = (PredictedRow | Error)[]

type Loader = DataLoader<Row, PredictedRow>

const scopeKey = Symbol('predictions')

/** The predictions of one client request, shared by all its fields and subgraphs. */
export function predictionsOf(request: ClientRequest, serving: Serving): Predictions {
  return request.scope(scopeKey, () => new Predictions(request, serving))
}

/** What a field asks, as failures are counted: its objective, or the model that it pins. */
export function askedBy({ target }: PredictionField): string {
  return target.kind === 'objective' ? target.objective : target.model
}

/**
 * Collects the rows that the fields of one client request ask for, groups them by the routing decision (one DataLoader
 * each), and answers each group by as few model calls as the batcher needs.
 */
export class Predictions {
  private readonly decisions = new Map<ObjectiveRouter, Decision>()
  /** By what all rows of a decision have in common; and by field, where all its rows have one loader. */
  private readonly loaders = new Map<string, Loader>()
  private readonly loadersOfFields = new Map<PredictionField, Loader>()
  private readonly calls = new Map<string, ModelCalls>()
  private readonly limits: RowLimits

  constructor(
    private readonly request: ClientRequest,
    private readonly serving: Serving,
  ) {
    this.limits = rowLimitsOf(request, serving)
  }

  /** Predicts one row of a field. Rejects with a PresageError if this row cannot be predicted. */
  load(field: PredictionField, inputs: readonly unknown[], wanted: readonly string[]): Promise<PredictedRow> {
    return this.loaderFor(field, inputs).load({ inputs, wanted })
  }

  /** Predicts many rows of a field at once: inputs by column, in the order of the field's inputs. Never rejects. */
  async loadColumns(
    field: PredictionField,
    inputs: readonly Column[],
    rows: number,
    wanted: readonly string[],
  ): Promise<Prediction> {
    if (rows === 0) return { outputs: {}, errors: [] }
    let prediction: Prediction
    try {
      prediction = await this.predictColumns(field, inputs, rows, wanted)
    } catch (error) {
      prediction = { outputs: {}, errors: new Array(rows).fill(error) }
    }
    this.countFailures(askedBy(field), prediction.errors)
    return prediction
  }

  private predictColumns(
    field: PredictionField,
    inputs: readonly Column[],
    rows: number,
    wanted: readonly string[],
  ): Promise<Prediction> {
    const { target } = field
    if (target.kind === 'model') {
      return this.predict(
        pinnedTarget(this.serving, field, target.model, target.version),
        inputs,
        rows,
        wanted,
      )
    }
    const router = this.serving.router.for(target.objective, field.shard)
    if (!router.perRow) {
      return this.predict(decidedTarget(this.serving, this.decide(router)), inputs, rows, wanted)
    }
    return this.predictByRow(router, inputs, rows, wanted)
  }

  /** Rows that are sent different ways go apart and come together again. */
  private async predictByRow(
    router: ObjectiveRouter,
    inputs: readonly Column[],
    rows: number,
    wanted: readonly string[],
  ): Promise<Prediction> {
    const groups = new Map<string, { decision: Decision; members: number[] }>()
    for (let row = 0; row < rows; row++) {
      const decision = router.decideRow(this.request.context, inputs, row)
      const key = keyOf(decision)
      const group = groups.get(key)
      if (group === undefined) groups.set(key, { decision, members: [row] })
      else group.members.push(row)
    }
    const errors: (PresageError | undefined)[] = new Array(rows).fill(undefined)
    const outputs = Object.fromEntries(wanted.map((name) => [name, new Array<unknown>(rows).fill(null)]))
    const answers = [...groups.values()].map(async ({ decision, members }) => {
      const columns = inputs.map((column) => members.map((row) => column[row]))
      let part: Prediction
      try {
        part = await this.predict(decidedTarget(this.serving, decision), columns, members.length, wanted)
      } catch (error) {
        for (const row of members) errors[row] = error as PresageError
        return
      }
      for (let i = 0; i < members.length; i++) {
        errors[members[i]] = part.errors[i]
        if (part.errors[i] === undefined)
          for (const name of wanted) outputs[name][members[i]] = part.outputs[name][i]
      }
    })
    await Promise.all(answers)
    return { outputs, errors }
  }

  /** Rows that go to one target; those beyond what the request may have are refused. */
  private async predict(
    target: Target,
    inputs: readonly Column[],
    rows: number,
    wanted: readonly string[],
  ): Promise<Prediction> {
    const allowed = this.limits.take(rows, target.objective)
    const within = allowed.rows === rows ? inputs : inputs.map((column) => column.slice(0, allowed.rows))
    const prediction = await this.predictAllowed(target, within, allowed.rows, wanted)
    if (allowed.error === undefined) return prediction
    const errors = Array.from({ length: rows }, (_, row) =>
      row < allowed.rows ? prediction.errors[row] : allowed.error,
    )
    return { outputs: prediction.outputs, errors }
  }

  private predictAllowed(
    target: Target,
    inputs: readonly Column[],
    rows: number,
    wanted: readonly string[],
  ): Promise<Prediction> {
    const { columns, errors } = target.admit(inputs, rows)
    const deadline = this.deadlineOf(target.objective)
    return this.callsTo(target).predict(columns, rows, { errors, wanted, deadline })
  }

  private loaderFor(field: PredictionField, inputs: readonly unknown[]): Loader {
    let loader = this.loadersOfFields.get(field)
    if (loader !== undefined) return loader
    const { target } = field
    if (target.kind === 'model') {
      loader = this.createLoader(field, () => pinnedTarget(this.serving, field, target.model, target.version))
    } else {
      const router = this.serving.router.for(target.objective, field.shard)
      if (router.perRow) {
        const columns = inputs.map((value) => [value])
        return this.loaderOf(field, router.decideRow(this.request.context, columns, 0))
      }
      loader = this.loaderOf(field, this.decide(router))
    }
    this.loadersOfFields.set(field, loader)
    return loader
  }

  /** One decision for all rows of the request. */
  private decide(router: ObjectiveRouter): Decision {
    let decision = this.decisions.get(router)
    if (decision === undefined) {
      decision = router.decide(this.request.context)
      this.decisions.set(router, decision)
    }
    return decision
  }

  private loaderOf(field: PredictionField, decision: Decision): Loader {
    const key = keyOf(decision)
    let loader = this.loaders.get(key)
    if (loader === undefined) {
      loader = this.createLoader(field, () => decidedTarget(this.serving, decision))
      this.loaders.set(key, loader)
    }
    return loader
  }

  private createLoader(field: PredictionField, target: () => Target): Loader {
    const answer = async (rows: readonly Row[]): Promise<Answers> => {
      let answers: Answers
      try {
        answers = await this.answer(rows, target())
      } catch (error) {
        answers = new Array<Error>(rows.length).fill(error as Error)
      }
      this.countFailures(askedBy(field), answers)
      return answers
    }
    // Equal rows are found by ModelCalls, which knows what the graph reads; a cache by key would only cost.
    return new DataLoader(answer, { cache: false })
  }

  private countFailures(asked: string, answers: readonly unknown[]): void {
    const rowsByCode = new Map<ErrorCode, number>()
    for (const answer of answers) {
      if (answer instanceof PresageError) rowsByCode.set(answer.code, (rowsByCode.get(answer.code) ?? 0) + 1)
    }
    for (const [code, rows] of rowsByCode) this.serving.countFailures(asked, code, rows)
  }

  private async answer(rows: readonly Row[], target: Target): Promise<Answers> {
    const allowed = this.limits.take(rows.length, target.objective)
    const answers: Answers = new Array(rows.length)
    const groups = [...groupByWanted(rows, allowed.rows)].map(async ([wanted, members]) => {
      const inputs = columnsOf(rows, members)
      const prediction = await this.predictAllowed(target, inputs, members.length, wanted)
      for (let i = 0; i < members.length; i++) {
        answers[members[i]] = prediction.errors[i] ?? { prediction, row: i }
      }
    })
    await Promise.all(groups)
    for (let row = allowed.rows; row < rows.length; row++) answers[row] = allowed.error!
    return answers
  }

  private callsTo({ model, shard, objective }: Target): ModelCalls {
    const key = `${model.key} ${shard.name} ${objective?.name ?? ''}`
    let calls = this.calls.get(key)
    if (calls === undefined) {
      calls = new ModelCalls(model, shard, this.request)
      this.calls.set(key, calls)
    }
    return calls
  }

  /** The request's, or sooner where the objective says how long a prediction may take. */
  private deadlineOf(objective: Objective | undefined): number {
    const { deadline } = this.request
    if (objective?.deadlineMs === undefined) return deadline
    return Math.min(deadline, this.serving.clock.now() + objective.deadlineMs)
  }
}

/** What rows that go the same way have in common. */
function keyOf({ objective, model, shard }: Decision): string {
  return `${objective} ${model} ${shard}`
}

/** Rows by what they want of the model; fields hand over the same array for the same selection. */
function groupByWanted(rows: readonly Row[], count: number): Map<readonly string[], number[]> {
  const groups = new Map<readonly string[], number[]>()
  for (let row = 0; row < count; row++) {
    const group = groups.get(rows[row].wanted)
    if (group === undefined) groups.set(rows[row].wanted, [row])
    else group.push(row)
  }
  return groups
}

function columnsOf(rows: readonly Row[], members: readonly number[]): Column[] {
  const width = rows[members[0]].inputs.length
  const columns: unknown[][] = []
  for (let input = 0; input < width; input++) {
    const column = new Array(members.length)
    for (let i = 0; i < members.length; i++) column[i] = rows[members[i]].inputs[input]
    columns.push(column)
  }
  return columns
}
