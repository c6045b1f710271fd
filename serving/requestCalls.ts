import type { ClientRequest } from '../lib/clientRequest'
import type { Column } from '../lib/column'
import type { RowErrors } from '../models/model'
import type { PredictionCache } from './cache/predictionCache'
import { ModelCalls, type Prediction } from './modelCalls'
import type { Target } from './target'

/** Rows as a target admitted them. */
export interface AdmittedRows {
  readonly columns: readonly Column[]
  readonly rows: number
  /** Of rows that are not to be predicted. */
  readonly errors: RowErrors | undefined
  readonly wanted: readonly string[]
}

/** The calls of one client request, by target: equal rows share an inference, whichever field asked. */
export class RequestCalls {
  private readonly calls = new Map<string, ModelCalls>()

  /** `cache`: none where no objective has one. */
  constructor(
    private readonly request: ClientRequest,
    private readonly cache: PredictionCache | undefined,
  ) {}

  /** `deadline` is in the clock's milliseconds. Rejects only with what no client may see. */
  predict(
    target: Target,
    { columns, rows, errors, wanted }: AdmittedRows,
    deadline: number,
  ): Promise<Prediction> {
    const isExplained = this.request.explain !== undefined
    return this.callsTo(target).predict(columns, rows, { errors, wanted, deadline, isExplained })
  }

  private callsTo(target: Target): ModelCalls {
    const { model, shard, objective } = target
    const key = `${model.key} ${shard.name} ${objective?.name ?? ''}`
    let calls = this.calls.get(key)
    if (calls === undefined) {
      const taker = this.cache === undefined ? shard : this.cache.over(target, this.request)
      calls = new ModelCalls(model, taker, this.request)
      this.calls.set(key, calls)
    }
    return calls
  }
}
