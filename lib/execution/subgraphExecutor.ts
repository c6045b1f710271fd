import type { DocumentNode, ExecutionResult, GraphQLError, GraphQLFormattedError } from 'graphql'
import type { ClientRequest } from '../request/clientRequest'
import type { AnswerWork } from './answerWork'
import type { FoundErrors } from './sharedError'

/** One operation that a query plan sends to one subgraph. Parsed once per plan; the same object for every request. */
export interface SubgraphOperation {
  readonly kind: 'query' | 'mutation'
  readonly text: string
  readonly document: DocumentNode
}

/** An entity fetch of a plan, for entities of one type. */
export interface EntityFetch {
  readonly operation: SubgraphOperation
  /** The response key of `_entities`. */
  readonly entitiesKey: string
  readonly type: string
  /** Names of the fields that representations would contain. The entities have them under the same names. */
  readonly sent: ReadonlySet<string>
  /** Whether representations would contain these fields as they are, without a selection of their own. */
  readonly isFlat: boolean
  /** Whether it asks for prediction fields only. */
  readonly isForPredictions: boolean
}

/** Objects of one type with the same fields, one column a field, each a JSON array with a value for each object. */
export interface JsonColumns {
  readonly type: string
  readonly rows: number
  column(key: string): string | undefined
  /** Merges a column into the objects. */
  add(key: string, column: string): void
}

/** An entity fetch that reads the given entities directly, and writes its fields into them. */
export interface ColumnExecutor {
  /** Whether `fill` can be called now. */
  readonly isReady: boolean
  /**
   * Resolves the fields of all entities at once, and writes them under their response keys. Resolves with errors whose
   * paths begin with `entitiesKey` and the entity's index, as if representations had been sent. Resolves with undefined,
   * and has written nothing, if representations have to be sent after all. Writes nothing into an answer that is closed.
   */
  fill(
    entities: readonly Record<string, unknown>[],
    variables: Readonly<Record<string, unknown>>,
    request: ClientRequest,
    work: AnswerWork,
  ): Promise<FoundErrors<GraphQLError | GraphQLFormattedError> | undefined>
  /** The same for entities that came by columns, and stay so. Absent from an executor that does not send them. */
  fillColumns?(
    entities: JsonColumns,
    variables: Readonly<Record<string, unknown>>,
    request: ClientRequest,
  ): Promise<FoundErrors<GraphQLError | GraphQLFormattedError> | undefined>
}

/**
 * Runs operations of one subgraph: in this process, or over HTTP, with the same answers and errors. It resolves even if
 * the subgraph fails: with `errors` and without `data`. Once the work is over it may never resolve. Without `work`,
 * there are no limits.
 */
export interface SubgraphExecutor {
  execute(
    operation: SubgraphOperation,
    variables: Readonly<Record<string, unknown>>,
    request: ClientRequest,
    work?: AnswerWork,
  ): Promise<ExecutionResult>
  /** A faster way for a fetch whose fields are all column fields; undefined for others. */
  columns?(fetch: EntityFetch): ColumnExecutor | undefined
  dispose?(): Promise<void>
}
