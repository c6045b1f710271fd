import type { DocumentNode, ExecutionResult, GraphQLError } from 'graphql'
import type { ClientRequest } from '../request/clientRequest'
import type { AnswerWork } from './answerWork'
import type { FoundErrors } from './sharedError'

/** One operation that a query plan sends to one subgraph. Parsed once per plan; the same object for every request. */
export interface SubgraphOperation {
  readonly kind: 'query' | 'mutation'
  readonly text: string
  readonly document: DocumentNode
}

/** An entity fetch as a plan has it, of entities of one type. */
export interface EntityFetch {
  readonly operation: SubgraphOperation
  /** The response key of `_entities`. */
  readonly entitiesKey: string
  readonly type: string
  /** Names of the fields that would be sent, as representations; in the entities in hand they have the same names. */
  readonly sent: ReadonlySet<string>
}

/** An entity fetch that takes entities as they are in hand, and writes its fields into them. */
export interface ColumnExecutor {
  /**
   * Answers the fields of all entities at once, under their response keys. Resolves with errors whose paths begin with
   * `entitiesKey` and the entity's index, as if they had been sent. Nothing is written into an answer that is closed.
   */
  fill(
    entities: readonly Record<string, unknown>[],
    variables: Readonly<Record<string, unknown>>,
    request: ClientRequest,
    work: AnswerWork,
  ): Promise<FoundErrors<GraphQLError>>
}

/**
 * Runs operations of one subgraph: in this process, or over HTTP. Both give the same answers and errors. It resolves
 * also when the subgraph fails: with `errors` and without `data`. Once the work is over it need not resolve; nothing bounds
 * it where there is none.
 */
export interface SubgraphExecutor {
  execute(
    operation: SubgraphOperation,
    variables: Readonly<Record<string, unknown>>,
    request: ClientRequest,
    work?: AnswerWork,
  ): Promise<ExecutionResult>
  /** A shorter way for a fetch of which every field is answered by columns; undefined for others. */
  columns?(fetch: EntityFetch): ColumnExecutor | undefined
  dispose?(): Promise<void>
}
