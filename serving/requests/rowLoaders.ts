import DataLoader from 'dataloader'
import type { Column } from '../../lib/column'
import type { ExplainFacts } from '../../lib/request/explain'
import type { Objective } from '../../models/contracts/objective'
import type { Decision } from '../../routing/ruleSet/router'
import type { PredictionField } from '../../schema/fields/plan'
import type { Prediction } from '../calls/modelCalls'
import { goAlike } from './decidedGroups'
import type { RequestServing } from './requestServing'

/** The outputs of one row: columns that it shares with its neighbours, and its place in them. */
export interface PredictedRow {
  readonly prediction: Prediction
  readonly row: number
}

/** One row that a field asks for: raw input values in the order of the field's inputs, and the outputs wanted. */
interface Row {
  readonly inputs: readonly unknown[]
  readonly wanted: readonly string[]
  /** Where each row has its own. */
  readonly decision?: Decision
  readonly tell: TellRow | undefined
}

/** Takes what is told of a row, for somebody who asked for it. */
export type TellRow = (facts: ExplainFacts | undefined, error: unknown) => void

/** In the order of the rows asked. */
type Answers = (PredictedRow | Error)[]

type Loader = DataLoader<Row, PredictedRow>

/** Rows that go the same way for the same reason have one loader. */
interface Way {
  readonly decision: Decision
  /** The shard that the field names. */
  readonly shard: string | undefined
  readonly loader: Loader
}

/** Answers rows that go one way and want the same. */
type PredictGroup = (
  inputs: readonly Column[],
  rows: number,
  wanted: readonly string[],
  decisions: readonly Decision[] | undefined,
) => Promise<Prediction>

/**
 * Collects the rows that the fields of one client request ask for one by one, as under a server that knows nothing of columns:
 * a DataLoader for each way that rows go, each answered by as few model calls as the batcher needs.
 */
export class RowLoaders {
  /** By field, where all its rows have one loader. */
  private readonly ofFields = new Map<PredictionField, Loader>()
  private readonly ways: Way[] = []

  constructor(private readonly own: RequestServing) {}

  /** Predicts one row of a field. Rejects with a PresageError if this row cannot be predicted. */
  load(
    field: PredictionField,
    inputs: readonly unknown[],
    wanted: readonly string[],
    tell: TellRow | undefined,
  ): Promise<PredictedRow> {
    const loader = this.ofFields.get(field)
    if (loader !== undefined) return loader.load({ inputs, wanted, tell })
    const { target, shard } = field
    if (target.kind === 'objective') {
      const { own } = this
      const router = own.router(target.objective, shard)
      if (router.perRow) {
        const decision = own.decideRow(router, target.objective, inputs.map(columnOfOne), 0)
        own.countDecisions(decision, 1)
        return this.loaderOfWay(field, decision).load({ inputs, wanted, decision, tell })
      }
      return this.keep(field, this.loaderOfWay(field, own.decide(router, target.objective))).load({
        inputs,
        wanted,
        tell,
      })
    }
    const pinned = this.createLoader(field, undefined, (columns, rows, names) =>
      this.own.predictPinned(field, columns, rows, names),
    )
    return this.keep(field, pinned).load({ inputs, wanted, tell })
  }

  private keep(field: PredictionField, loader: Loader): Loader {
    this.ofFields.set(field, loader)
    return loader
  }

  private loaderOfWay(field: PredictionField, decision: Decision): Loader {
    const { own } = this
    const { shard } = field
    const known = this.ways.find((way) => {
      const isSameObjective = way.decision.objective === decision.objective
      return isSameObjective && way.shard === shard && goAlike(way.decision, decision)
    })
    if (known !== undefined) return known.loader
    const objective = own.objective(decision.objective)
    const loader = this.createLoader(field, objective, (inputs, rows, wanted, decisions) => {
      const group = { decision, ...(decisions && { decisions }), shard, inputs }
      return own.decided.predict({ ...group, rows, wanted })
    })
    this.ways.push({ decision, shard, loader })
    return loader
  }

  private createLoader(
    field: PredictionField,
    objective: Objective | undefined,
    predict: PredictGroup,
  ): Loader {
    const answer = async (rows: readonly Row[]): Promise<Answers> => {
      let answers: Answers
      try {
        answers = await this.answer(rows, objective, predict)
      } catch (error) {
        answers = new Array<Error>(rows.length).fill(error as Error)
        for (const { tell } of rows) tell?.(undefined, error)
      }
      this.own.countFailures(field, answers)
      return answers
    }
    // Equal rows are found by ModelCalls, which knows what the graph reads; a cache by key would only cost.
    return new DataLoader(answer, { cache: false })
  }

  private async answer(
    rows: readonly Row[],
    objective: Objective | undefined,
    predict: PredictGroup,
  ): Promise<Answers> {
    const allowed = this.own.limits.take(rows.length, objective)
    const answers: Answers = new Array(rows.length)
    const groups = [...groupByWanted(rows, allowed.rows)].map(async ([wanted, members]) => {
      const inputs = columnsOf(rows, members)
      const decisions = rows[members[0]].decision && members.map((member) => rows[member].decision!)
      const prediction = await predict(inputs, members.length, wanted, decisions)
      for (let i = 0; i < members.length; i++) {
        answers[members[i]] = prediction.errors[i] ?? { prediction, row: i }
        rows[members[i]].tell?.(prediction.facts?.[i], prediction.errors[i])
      }
    })
    await Promise.all(groups)
    for (let row = allowed.rows; row < rows.length; row++) {
      answers[row] = allowed.error!
      rows[row].tell?.(undefined, allowed.error)
    }
    return answers
  }
}

function columnOfOne(value: unknown): Column {
  return [value]
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
