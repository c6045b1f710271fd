import type { DocumentNode, ExecutionResult } from 'graphql'
import type { ClientRequest } from './clientRequest'

/** One operation that a query plan sends to one subgraph. Parsed once per plan; the same object for every request. */
export interface SubgraphOperation {
  readonly kind: 'query' | 'mutation'
  readonly text: string
  readonly document: DocumentNode
}

/**
 * Runs operations of one subgraph: in this process, or over HTTP. Both give the same answers and errors. It resolves
 * also when the subgraph fails: with `errors` and without `data`.
 */
export interface SubgraphExecutor {
  execute(
    operation: SubgraphOperation,
    variables: Readonly<Record<string, unknown>>,
    request: ClientRequest,
  ): Promise<ExecutionResult>
  dispose?(): Promise<void>
}
