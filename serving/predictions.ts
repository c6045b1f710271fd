import DataLoader from 'dataloader'
import type { ClientRequest } from '../lib/clientRequest'
import type { Column } from '../lib/column'
import { PresageError } from '../lib/errors'
import type { Model } from '../models/model'
import type { Objective } from '../models/objective'
import type { Decision, ObjectiveRouter } from '../routing/router'
import type { PredictionField } from '../schema/plan'
import { ModelCalls, type Prediction } from './modelCalls'
import type { Serving } from './serving'

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

/**
 * Collects the rows that the fields of one client request ask for, groups them by the routing decision (one DataLoader
 * each), and answers each group by as few model calls as the batcher needs.
 */
export class Predictions {
  private readonly loaders = new Map<string, Loader>()
  private readonly decisions = new Map<ObjectiveRouter, Decision>()
  private rows = 0
  private readonly rowsByObjective = new Map<string, number>()

  constructor(
    private readonly request: ClientRequest,
    private readonly serving: Serving,
  ) {}

  /** Predicts one row of a field. Rejects with a PresageError if this row cannot be predicted. */
  load(field: PredictionField, inputs: readonly unknown[], wanted: readonly string[]): Promise<PredictedRow> {
    const { target } = field
    return target.kind === 'objective'
      ? this.objectiveLoader(target.objective, field, inputs).load({ inputs, wanted })
      : this.pinnedLoader(target.model, target.version, field).load({ inputs, wanted })
  }

  private objectiveLoader(objective: string, field: PredictionField, inputs: readonly unknown[]): Loader {
    const decision = this.decide(objective, field.shard, inputs)
    return this.loader(`${objective} ${decision.model} ${decision.shard}`, objective, (rows) => {
      return this.answer(rows, this.serving.objectives.get(objective)!, decision.model, decision.shard)
    })
  }

  private pinnedLoader(model: string, version: string | undefined, field: PredictionField): Loader {
    return this.loader(field.coordinate, model, async (rows) => {
      const found = this.serving.registry.find(version === undefined ? model : `${model}@${version}`)
      return this.answer(rows, undefined, found.status.key, field.shard ?? found.status.shards[0], field)
    })
  }

  private decide(objective: string, shard: string | undefined, inputs: readonly unknown[]): Decision {
    const router = this.serving.router.for(objective, shard)
    if (router.perRow) {
      return router.decideRow(
        this.request.context,
        inputs.map((value) => [value]),
        0,
      )
    }
    let decision = this.decisions.get(router)
    if (decision === undefined) {
      decision = router.decide(this.request.context)
      this.decisions.set(router, decision)
    }
    return decision
  }

  private loader(key: string, asked: string, answer: (rows: readonly Row[]) => Promise<Answers>): Loader {
    let loader = this.loaders.get(key)
    if (loader === undefined) {
      const counted = async (rows: readonly Row[]): Promise<Answers> => {
        const answers = await answer(rows).catch(
          (error: Error): Answers => new Array(rows.length).fill(error),
        )
        for (const one of answers) if (one instanceof PresageError) this.serving.countFailure(asked, one.code)
        return answers
      }
      // Equal rows are found by ModelCalls, which knows what the graph reads; a cache by key would only cost.
      loader = new DataLoader(counted, { cache: false })
      this.loaders.set(key, loader)
    }
    return loader
  }

  private readonly calls = new Map<string, ModelCalls>()

  private async answer(
    rows: readonly Row[],
    objective: Objective | undefined,
    key: string,
    shardName: string,
    field?: PredictionField,
  ): Promise<Answers> {
    const { model } = this.serving.registry.ready(key)
    const allowed = this.allow(rows.length, objective)
    const answers: Answers = new Array(rows.length)
    const calls = this.callsTo(model, shardName, objective)
    const groups = [...groupByWanted(rows, allowed.rows)].map(async ([wanted, members]) => {
      const columns = columnsOf(rows, members)
      if (objective) this.serving.countNulls(objective, columns)
      const admitted = objective
        ? this.serving.binding(objective, model).admit(columns, members.length)
        : model.admit(inFeatureOrder(columns, members.length, field!, model), members.length)
      const prediction = await calls.predict(admitted.columns, members.length, admitted.errors, wanted)
      for (let i = 0; i < members.length; i++) {
        answers[members[i]] = prediction.errors[i] ?? { prediction, row: i }
      }
    })
    await Promise.all(groups)
    for (let row = allowed.rows; row < rows.length; row++) answers[row] = allowed.error!
    return answers
  }

  /** How many of `asked` further rows this request may have. */
  private allow(asked: number, objective: Objective | undefined): { rows: number; error?: PresageError } {
    const used = objective === undefined ? 0 : (this.rowsByObjective.get(objective.name) ?? 0)
    const perRequest = this.serving.maxRows - this.rows
    const perObjective = objective === undefined ? perRequest : objective.maxRows - used
    const rows = Math.min(asked, perRequest, perObjective)
    this.rows += rows
    if (objective !== undefined) this.rowsByObjective.set(objective.name, used + rows)
    if (rows === asked) return { rows }
    const limit =
      perObjective < perRequest ? `${objective?.maxRows} of ${objective?.name}` : String(this.serving.maxRows)
    return {
      rows,
      error: new PresageError('TOO_MANY_ROWS', `a request may have at most ${limit} prediction rows`),
    }
  }

  private callsTo(model: Model, shardName: string, objective: Objective | undefined): ModelCalls {
    const key = `${model.key} ${shardName} ${objective?.name ?? ''}`
    let calls = this.calls.get(key)
    if (calls === undefined) {
      const shard = this.serving.shards.get(shardName)
      if (shard === undefined)
        throw new PresageError(
          'MODEL_NOT_READY',
          `${model.key} is placed on ${shardName}, which is not a shard here`,
        )
      const ownDeadline = this.serving.clock.now() + (objective?.deadlineMs ?? Number.POSITIVE_INFINITY)
      const deadline = Math.min(this.request.deadline, ownDeadline)
      calls = new ModelCalls(model, shard, { deadline, signal: this.request.signal })
      this.calls.set(key, calls)
    }
    return calls
  }
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

/** A pinned field was compiled against one version's features; another version may order them otherwise. */
function inFeatureOrder(
  columns: readonly Column[],
  rows: number,
  field: PredictionField,
  model: Model,
): Column[] {
  const missing: unknown[] = new Array(rows).fill(undefined)
  return model.features.map((feature) => {
    return columns[field.inputs.findIndex((input) => input.spec.name === feature.name)] ?? missing
  })
}
