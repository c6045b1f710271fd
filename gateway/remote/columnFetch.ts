import type { ExecutionResult, GraphQLError, GraphQLFormattedError } from 'graphql'
import { PresageError } from '../../lib/errors'
import type { FoundErrors } from '../../lib/execution/sharedError'
import type { ColumnExecutor, EntityFetch, SubgraphOperation } from '../../lib/execution/subgraphExecutor'
import type { ClientRequest } from '../../lib/request/clientRequest'
import { entitiesExtension, isColumns, maxColumnRows, type SentEntities } from '../graphql/entityColumns'
import { merged } from '../graphql/responseData'
import { upstreamFailed, upstreamRefused } from '../graphql/upstreamErrors'

type Entities = readonly Record<string, unknown>[]

/** Sends an operation to the subgraph. Never rejects. */
export type Ask = (
  operation: SubgraphOperation,
  variables: Readonly<Record<string, unknown>>,
  request: ClientRequest,
  extensions: object,
) => Promise<ExecutionResult>

/**
 * Sends the entities of a fetch by columns.
 *
 *     wanted ──(the subgraph offers it with an answer)──> ready ──(it cannot for this operation)──> neither
 *        └────────────(it does not know the operation any more)──┘
 */
export class ColumnFetch implements ColumnExecutor {
  isReady = false
  private isImpossible = false
  private readonly names: readonly string[]

  constructor(
    private readonly fetch: EntityFetch,
    private readonly subgraph: string,
    private readonly ask: Ask,
  ) {
    this.names = [...fetch.sent].filter((name) => name !== '__typename')
  }

  /** Whether to tell the subgraph that columns could be sent. */
  get isWanted(): boolean {
    return !this.isReady && !this.isImpossible
  }

  /** Called when the subgraph has said that it takes columns. */
  offered(): void {
    this.isReady = !this.isImpossible
  }

  async fill(
    entities: Entities,
    variables: Readonly<Record<string, unknown>>,
    request: ClientRequest,
  ): Promise<FoundErrors<GraphQLError | GraphQLFormattedError> | undefined> {
    const sent = entities.length > maxColumnRows ? undefined : this.columnsOf(entities)
    if (sent === undefined) return undefined
    const asked = { [entitiesExtension]: sent }
    const { data, errors = [], extensions } = await this.ask(this.fetch.operation, variables, request, asked)
    const columns = data?.['columns']
    if (columns === null) {
      this.isReady = false
      this.isImpossible = true
      return undefined
    }
    if (columns === undefined) {
      if (errors.every(isRefusal)) {
        this.isReady = false
        return undefined
      }
      const { originalError } = errors[0]
      throw originalError instanceof PresageError ? originalError : upstreamRefused(this.subgraph, errors[0])
    }
    if (!isColumns(columns, entities.length)) {
      throw upstreamFailed(
        this.subgraph,
        new Error(`must answer ${entities.length} values a column, got others`),
      )
    }
    for (const key of Object.keys(columns)) write(entities, key, columns[key])
    request.explain?.addRows(extensions?.['presage'])
    return { errors, shared: [] }
  }

  /** Undefined if an entity lacks a field, which a column cannot say. */
  private columnsOf(entities: Entities): SentEntities | undefined {
    const columns: Record<string, unknown[]> = {}
    for (const name of this.names) {
      const column = new Array<unknown>(entities.length)
      for (let row = 0; row < entities.length; row++) {
        const value = entities[row][name]
        if (value === undefined) return undefined
        column[row] = value
      }
      columns[name] = column
    }
    return { type: this.fetch.type, rows: entities.length, columns }
  }
}

function write(entities: Entities, key: string, column: readonly unknown[]): void {
  for (let row = 0; row < entities.length; row++) {
    const entity = entities[row]
    entity[key] = merged(entity[key], column[row])
  }
}

/** Whether the subgraph has read the request as any other, which lacks its representations. */
function isRefusal({ extensions }: GraphQLError): boolean {
  return extensions?.['code'] === 'BAD_USER_INPUT'
}
