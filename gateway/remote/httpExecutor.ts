import { type DocumentNode, type ExecutionResult, Kind } from 'graphql'
import { type Clock, Deadlines, type Expirable, systemClock } from '../../lib/clock'
import { PresageError, show } from '../../lib/errors'
import type { SubgraphExecutor, SubgraphOperation } from '../../lib/execution/subgraphExecutor'
import { memoizedWeakly } from '../../lib/memoized'
import type { ClientRequest } from '../../lib/request/clientRequest'
import { ColumnResult, columnsType, readColumnList } from '../graphql/columnList'
import { asksLists, columnsHeader, entitiesText } from '../graphql/entityColumns'
import { locatedPresageError } from '../graphql/locatedError'
import { clientGone, deadlineExceeded, upstreamFailed, upstreamTimedOut } from '../graphql/upstreamErrors'
import { CallBatches } from './callBatches'
import { ColumnFetch, type SentBeside } from './columnFetch'
import { ConnectionPool, type Done } from './connectionPool'
import { FetchesInFlight } from './fetchesInFlight'
import { compileForwarding } from './forwardHeaders'
import { type HttpAnswer, readGraphqlAnswer } from './graphqlAnswer'
import { createReach, type ReachListener } from './reach'
import { isConnectionLoss, retrying } from './retrying'
import { SharedFetch, type Waiting } from './sharedFetch'
import { parseSubgraphUrl } from './subgraphUrl'

export interface HttpExecutorOptions {
  /** The subgraph's name, which appears in errors. */
  readonly name: string
  /** Where it answers GraphQL by POST; http or https. */
  readonly url: string
  /** The timeout of one call, including retries, in milliseconds. A request's own deadline may come sooner. */
  readonly timeoutMs: number
  /** How often a query, but no mutation, is sent again after a lost connection, a 502, 503 or 504; default 2. */
  readonly retries?: number
  /** Names of the client's headers that are passed on; default none. */
  readonly forwardHeaders?: readonly string[]
  /** Further headers of each call; they override those that are passed on. */
  readonly headers?: (request: ClientRequest) => Readonly<Record<string, string>>
  /** The most connections; default 64. Further calls wait for a free one. */
  readonly connections?: number
  /** The most bytes of a response; default 32 MiB. Longer ones fail. */
  readonly maxAnswerBytes?: number
  /**
   * Called once when the subgraph cannot be reached, and once when it answers again. The errors of such calls have no
   * cause then, so that nobody logs each of them.
   */
  readonly onReach?: ReachListener
  /** For timeouts and the deadlines of requests. */
  readonly clock?: Clock
  /** For the jitter of retries: from 0 to below 1. */
  readonly random?: () => number
}

/**
 * Runs the operations of a subgraph over HTTP. A query that equals one in flight, in text, variables and headers, is
 * not sent: both callers get the same answer, and neither can abort the call for the other. Throws a LoadError for an
 * invalid URL or header. `dispose` closes connections when their calls are answered; later calls are still served, on
 * connections of their own.
 */
export function createHttpExecutor(options: HttpExecutorOptions): SubgraphExecutor {
  const { name, timeoutMs, retries = 2, clock = systemClock, random = Math.random } = options
  const url = parseSubgraphUrl(name, options.url)
  const headersOf = compileHeaders(options)
  const { connections = 64, maxAnswerBytes = 32 * 1024 * 1024 } = options
  const pool = new ConnectionPool(url, { connections, connectTimeoutMs: timeoutMs, maxAnswerBytes })
  const calls = new CallBatches(pool, maxAnswerBytes)
  const deadlines = new Deadlines<Expirable>(clock)
  const reach = options.onReach === undefined ? undefined : createReach(options.onReach, clock)
  const inFlight = new FetchesInFlight()
  /** Fetches that could send columns, by their operation. */
  const columnFetches = new WeakMap<SubgraphOperation, ColumnFetch>()
  /** Whether an operation asks for a list that could come by columns. */
  const isList = memoizedWeakly(({ kind, document }: SubgraphOperation) => {
    return kind === 'query' && isListOperation(document)
  })

  /** Throws if the request has ended already. */
  function send(
    kind: SubgraphOperation['kind'],
    body: string,
    request: ClientRequest,
    further: Readonly<Record<string, string>> | undefined,
  ): Promise<HttpAnswer> {
    if (request.isAborted) throw clientGone()
    const now = clock.now()
    if (now >= request.deadline) throw deadlineExceeded(name)
    const headers = further === undefined ? headersOf(request) : { ...headersOf(request), ...further }
    const isOwnDeadline = request.deadline <= now + timeoutMs
    const waiting: Waiting = {
      caller: request,
      cutoff: isOwnDeadline ? request.deadline : now + timeoutMs,
      late: () => (isOwnDeadline ? deadlineExceeded(name) : upstreamTimedOut(name, timeoutMs)),
      gone: clientGone,
    }
    if (kind === 'mutation') {
      // Alone, since calls that came together may be repeated.
      const fetch = new SharedFetch((_, done) => pool.post(body, headers, done), deadlines)
      // Later callers must see the change, so they may not join a query that was sent before it.
      return fetch.wait(waiting).finally(() => inFlight.clear())
    }
    const post = (done: Done) => calls.post(body, headers, done)
    let fetch = inFlight.find(headers, body)
    if (fetch === undefined) {
      const started: SharedFetch = new SharedFetch(
        (shared, done) => retrying(post, { retries, cutoff: () => shared.cutoff, clock, random }, done),
        deadlines,
        () => inFlight.remove(body, started),
      )
      inFlight.add(headers, body, started)
      fetch = started
    }
    return fetch.wait(waiting)
  }

  function failureOf(error: unknown): PresageError {
    if (error instanceof PresageError) return error
    if (reach === undefined || !isConnectionLoss(error)) return upstreamFailed(name, error)
    reach.lost(error)
    return upstreamFailed(name, undefined)
  }

  const failed = (error: unknown): ExecutionResult => {
    return { errors: [locatedPresageError(failureOf(error), undefined)] }
  }

  function ask(
    operation: SubgraphOperation,
    variables: Readonly<Record<string, unknown>>,
    request: ClientRequest,
    beside?: SentBeside,
  ): Promise<ExecutionResult> {
    const columns = beside === undefined ? columnFetches.get(operation) : undefined
    const further = beside === undefined ? furtherHeaders(operation, columns) : besideHeaders(beside)
    const read = (answer: HttpAnswer) => {
      reach?.answered()
      if (answer.contentType === columnsType && further !== undefined) return readList(answer.text)
      const result = readGraphqlAnswer(answer, url)
      if (answer.takesColumns) columns?.offered()
      return result
    }
    try {
      const body = bodyOf(operation, variables, beside)
      return send(operation.kind, body, request, further).then(read).then(undefined, failed)
    } catch (error) {
      return Promise.resolve(failed(error))
    }
  }

  function furtherHeaders(operation: SubgraphOperation, columns: ColumnFetch | undefined) {
    if (columns !== undefined) return columns.isWanted ? wantsColumns : undefined
    return isList(operation) ? wantsList : undefined
  }

  function readList(text: string): ExecutionResult {
    const list = readColumnList(text, (error) => upstreamFailed(name, error))
    if (list === undefined)
      throw new Error(`${url.origin}${url.pathname}: must answer columns, got ${show(text)}`)
    return new ColumnResult(list)
  }

  return {
    execute: (operation, variables, request) => ask(operation, variables, request),
    columns(fetch) {
      if (!fetch.isFlat || !fetch.isForPredictions) return undefined
      const columns = new ColumnFetch(fetch, name, ask)
      columnFetches.set(fetch.operation, columns)
      return columns
    },
    dispose: () => pool.dispose(),
  }
}

function compileHeaders(
  options: HttpExecutorOptions,
): (request: ClientRequest) => Readonly<Record<string, string>> {
  const forward = compileForwarding(options.forwardHeaders ?? [])
  const { headers } = options
  return headers === undefined ? forward : (request) => ({ ...forward(request), ...headers(request) })
}

const wantsColumns: Readonly<Record<string, string>> = Object.freeze({ [columnsHeader]: '1' })
const wantsList: Readonly<Record<string, string>> = Object.freeze({ [columnsHeader]: asksLists })
const sendsColumns: Readonly<Record<string, string>> = Object.freeze({ 'content-type': columnsType })

function besideHeaders({ columns }: SentBeside): Readonly<Record<string, string>> | undefined {
  return columns instanceof Map ? sendsColumns : undefined
}

/** Whether it has one field, and that a flat selection without fragments. Whether it is a list, the subgraph knows. */
function isListOperation({ definitions }: DocumentNode): boolean {
  const [operation, ...others] = definitions
  if (others.length > 0 || operation?.kind !== Kind.OPERATION_DEFINITION) return false
  const [field, ...further] = operation.selectionSet.selections
  if (further.length > 0 || field.kind !== Kind.FIELD) return false
  const { selections = [] } = field.selectionSet ?? {}
  return selections.length > 0 && selections.every((one) => one.kind === Kind.FIELD && !one.selectionSet)
}

/** The part of a request's body with the operation's text. */
const bodyHead = memoizedWeakly(
  ({ text }: SubgraphOperation) => `{"query":${JSON.stringify(text)},"variables":`,
)

function bodyOf(
  operation: SubgraphOperation,
  variables: Readonly<Record<string, unknown>>,
  beside: SentBeside | undefined,
): string {
  const before = `${bodyHead(operation)}${JSON.stringify(variables)}`
  return beside === undefined
    ? `${before}}`
    : `${before},"extensions":${entitiesText(beside.entities, beside.columns)}`
}
