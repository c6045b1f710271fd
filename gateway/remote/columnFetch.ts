import type { ExecutionResult, GraphQLError, GraphQLFormattedError } from 'graphql'
import { PresageError } from '../../lib/errors'
import type { FoundErrors } from '../../lib/execution/sharedError'
import type {
  ColumnExecutor,
  EntityFetch,
  JsonColumns,
  SubgraphOperation,
} from '../../lib/execution/subgraphExecutor'
import type { ClientRequest } from '../../lib/request/clientRequest'
import { ColumnResult } from '../graphql/columnList'
import { isColumns, maxColumnRows, type SentEntities } from '../graphql/entityColumns'
import { merged } from '../graphql/responseData'
import { upstreamFailed, upstreamRefused } from '../graphql/upstreamErrors'

type Entities = readonly Record<string, unknown>[]
type Found = FoundErrors<GraphQLError | GraphQLFormattedError>

const nothingFound: Found = Object.freeze({ errors: [], shared: [] })

/** What is sent beside the operation and its variables. */
export interface SentBeside {
  readonly entities: Pick<SentEntities, 'type' | 'rows'>
  /** Columns, or columns as text. */
  readonly columns: SentEntities['columns'] | ReadonlyMap<string, string>
}

/** Sends an operation to the subgraph. Never rejects. */
export type Ask = (
  operation: SubgraphOperation,
  variables: Readonly<Record<string, unknown>>,
  request: ClientRequest,
  beside: SentBeside,
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
  ): Promise<Found | undefined> {
    const columns = entities.length > maxColumnRows ? undefined : this.columnsOf(entities)
    if (columns === undefined) return undefined
    const sent = { type: this.fetch.type, rows: entities.length }
    const result = await this.ask(this.fetch.operation, variables, request, { entities: sent, columns })
    return this.take(result, entities.length, request, (key, values) => write(entities, key, values))
  }

  async fillColumns(
    entities: JsonColumns,
    variables: Readonly<Record<string, unknown>>,
    request: ClientRequest,
  ): Promise<Found | undefined> {
    const { rows } = entities
    const columns = new Map<string, string>()
    for (const name of this.names) {
      const column = entities.column(name)
      if (column === undefined || rows > maxColumnRows) return undefined
      columns.set(name, column)
    }
    const result = await this.ask(this.fetch.operation, variables, request, { entities, columns })
    if (!(result instanceof ColumnResult))
      return this.take(result, rows, request, (key, values) => entities.add(key, JSON.stringify(values)))
    const { list } = result
    if (list.rows !== rows) throw this.wrongLength(rows)
    for (const [key, column] of list.columns) entities.add(key, column)
    return nothingFound
  }

  private take(
    { data, errors = [], extensions }: ExecutionResult,
    rows: number,
    request: ClientRequest,
    write: (key: string, values: readonly unknown[]) => void,
  ): Found | undefined {
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
    if (!isColumns(columns, rows)) throw this.wrongLength(rows)
    for (const key of Object.keys(columns)) write(key, columns[key])
    request.explain?.addRows(extensions?.['presage'])
    return { errors, shared: [] }
  }

  private wrongLength(rows: number): PresageError {
    return upstreamFailed(this.subgraph, new Error(`must answer ${rows} values a column, got others`))
  }

  /** Undefined if an entity lacks a field, which a column cannot say. */
  private columnsOf(entities: Entities): SentEntities['columns'] | undefined {
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
    return columns
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
