import type { ExecutionResult } from 'graphql'
import { type Clock, systemClock } from '../../lib/clock'
import { PresageError } from '../../lib/errors'
import type { SubgraphExecutor, SubgraphOperation } from '../../lib/execution/subgraphExecutor'
import type { ClientRequest } from '../../lib/request/clientRequest'
import { Deadlines, type Expirable } from '../../lib/scheduling/deadlines'
import { columnsHeader } from '../graphql/entityColumns'
import { locatedPresageError } from '../graphql/locatedError'
import { clientGone, deadlineExceeded, upstreamFailed, upstreamTimedOut } from '../graphql/upstreamErrors'
import { ColumnFetch } from './columnFetch'
import { ConnectionPool, type Done } from './connectionPool'
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
  /**
   * How often a query is retried after a lost connection or a status of 502, 503 or 504; default 2. Mutations are never
   * retried.
   */
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
  const pool = new ConnectionPool(url, {
    connections: options.connections ?? 64,
    connectTimeoutMs: timeoutMs,
    maxAnswerBytes: options.maxAnswerBytes ?? 32 * 1024 * 1024,
  })
  const bodyOf = createBodyWriter()
  const deadlines = new Deadlines<Expirable>(clock)
  const reach = options.onReach === undefined ? undefined : createReach(options.onReach, clock)
  /** Queries in flight, by headers and body. */
  const inFlight = new Map<string, SharedFetch>()
  /** Fetches that could send columns, by their operation. */
  const columnFetches = new WeakMap<SubgraphOperation, ColumnFetch>()

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
    const post = (done: Done) => pool.post(body, headers, done)
    if (kind === 'mutation') {
      const fetch = new SharedFetch((_, done) => post(done), deadlines)
      // Later callers must see the change, so they may not join a query that was sent before it.
      return fetch.wait(waiting).finally(() => inFlight.clear())
    }
    const key = `${JSON.stringify(headers)}${body}`
    let fetch = inFlight.get(key)
    if (fetch === undefined) {
      const started: SharedFetch = new SharedFetch(
        (shared, done) => retrying(post, { retries, cutoff: () => shared.cutoff, clock, random }, done),
        deadlines,
        () => {
          if (inFlight.get(key) === started) inFlight.delete(key)
        },
      )
      inFlight.set(key, started)
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
    extensions?: object,
  ): Promise<ExecutionResult> {
    const columns = extensions === undefined ? columnFetches.get(operation) : undefined
    const read = (answer: HttpAnswer) => {
      reach?.answered()
      const result = readGraphqlAnswer(answer, url)
      if (answer.takesColumns) columns?.offered()
      return result
    }
    try {
      const body = bodyOf(operation, variables, extensions)
      return send(operation.kind, body, request, columns?.isWanted ? wantsColumns : undefined)
        .then(read)
        .then(undefined, failed)
    } catch (error) {
      return Promise.resolve(failed(error))
    }
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
  const forward = compileForwarding(options.name, options.forwardHeaders ?? [])
  const { headers } = options
  return headers === undefined ? forward : (request) => ({ ...forward(request), ...headers(request) })
}

const wantsColumns: Readonly<Record<string, string>> = Object.freeze({ [columnsHeader]: '1' })

/** Writes request bodies. The part with the operation's text is written once and cached. */
function createBodyWriter(): (
  operation: SubgraphOperation,
  variables: Readonly<Record<string, unknown>>,
  extensions: object | undefined,
) => string {
  const heads = new WeakMap<SubgraphOperation, string>()
  return (operation, variables, extensions) => {
    let head = heads.get(operation)
    if (head === undefined) {
      head = `{"query":${JSON.stringify(operation.text)},"variables":`
      heads.set(operation, head)
    }
    const tail = extensions === undefined ? '' : `,"extensions":${JSON.stringify(extensions)}`
    return `${head}${JSON.stringify(variables)}${tail}}`
  }
}
