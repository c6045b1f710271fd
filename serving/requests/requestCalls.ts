import type { Column } from '../../lib/column'
import type { ClientRequest } from '../../lib/request/clientRequest'
import type { RowErrors } from '../../models/contracts/model'
import type { PredictionCache } from '../cache/predictionCache'
import { ModelCalls, type Prediction } from '../calls/modelCalls'
import type { Target } from './target'

/** Rows after a target validated them. */
export interface AdmittedRows {
  readonly columns: readonly Column[]
  readonly rows: number
  /** Errors of rows that must not be predicted. */
  readonly errors: RowErrors | undefined
  readonly wanted: readonly string[]
}

/** The calls of one client request, by target. Equal rows share an inference, whichever field asked. */
export class RequestCalls {
  private last: CallsTo | undefined

  /** `cache` is undefined if no objective uses one. */
  constructor(
    private readonly request: ClientRequest,
    private readonly cache: PredictionCache | undefined,
  ) {}

  /** `deadline` is in the clock's milliseconds. Rejects only with errors that clients may not see. */
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
    for (let one = this.last; one !== undefined; one = one.next) {
      if (one.model === model && one.shard === shard && one.objective === objective) return one.calls
    }
    const taker = this.cache === undefined ? shard : this.cache.over(target, this.request)
    const calls = new ModelCalls(model, taker, this.request)
    this.last = { model, shard, objective, calls, next: this.last }
    return calls
  }
}

/** A linked list: there are few targets, so a linear search is enough. */
interface CallsTo {
  readonly model: Target['model']
  readonly shard: Target['shard']
  readonly objective: Target['objective']
  readonly calls: ModelCalls
  readonly next: CallsTo | undefined
}
