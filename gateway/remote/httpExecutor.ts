import type { ExecutionResult } from 'graphql'
import { type Clock, systemClock } from '../../lib/clock'
import { PresageError } from '../../lib/errors'
import type { SubgraphExecutor, SubgraphOperation } from '../../lib/execution/subgraphExecutor'
import type { ClientRequest } from '../../lib/request/clientRequest'
import { locatedPresageError } from '../graphql/locatedError'
import { clientGone, deadlineExceeded, upstreamFailed, upstreamTimedOut } from '../graphql/upstreamErrors'
import { ConnectionPool } from './connectionPool'
import { compileForwarding } from './forwardHeaders'
import { type HttpAnswer, readGraphqlAnswer } from './graphqlAnswer'
import { retrying } from './retrying'
import { SharedFetch } from './sharedFetch'
import { parseSubgraphUrl } from './subgraphUrl'

export interface HttpExecutorOptions {
  /** The subgraph's name, which clients read in errors. */
  readonly name: string
  /** Where it answers GraphQL by POST; http or https. */
  readonly url: string
  /** The longest that one call may take, retries included, in milliseconds; a request's own deadline may come sooner. */
  readonly timeoutMs: number
  /** How often a query is sent again after a lost connection or a status of 502, 503 or 504; default 2. Mutations never are. */
  readonly retries?: number
  /** Names of the client's headers that are passed on; default none. */
  readonly forwardHeaders?: readonly string[]
  /** Further headers of each call; they win over those that are passed on. */
  readonly headers?: (request: ClientRequest) => Readonly<Record<string, string>>
  /** How many connections are kept at most; default 64. What exceeds them waits for one. */
  readonly connections?: number
  /** An answer of more bytes is given up; default 32 MiB. */
  readonly maxAnswerBytes?: number
  /** What deadlines of requests are measured with. */
  readonly clock?: Clock
  /** For the jitter of retries: from 0 to below 1. */
  readonly random?: () => number
}

/**
 * Runs the operations of a subgraph that answers over HTTP. A query that is the same as one in flight, in text, variables
 * and headers, is not sent: both get that one's answer, and neither can abort it for the other. Throws a LoadError for a
 * URL or a header that cannot be meant. `dispose` ends connections when their calls are answered; a call that comes later
 * is still served, on a connection of its own.
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
  /** Queries in flight, by all that makes two of them the same. */
  const inFlight = new Map<string, SharedFetch<HttpAnswer>>()

  async function send(
    operation: SubgraphOperation,
    variables: Readonly<Record<string, unknown>>,
    request: ClientRequest,
  ): Promise<HttpAnswer> {
    if (request.isAborted) throw clientGone()
    const now = clock.now()
    if (now >= request.deadline) throw deadlineExceeded(name)
    const body = bodyOf(operation, variables)
    const headers = headersOf(request)
    const isOwnDeadline = request.deadline <= now + timeoutMs
    const caller = {
      signal: request.signal,
      cutoff: isOwnDeadline ? request.deadline : now + timeoutMs,
      late: () => (isOwnDeadline ? deadlineExceeded(name) : upstreamTimedOut(name, timeoutMs)),
      gone: clientGone,
    }
    if (operation.kind === 'mutation') {
      const fetch = new SharedFetch((signal) => pool.post(body, headers, signal), clock)
      // Whoever asks from now on must see what was changed: no query of before may answer them.
      return fetch.wait(caller).finally(() => inFlight.clear())
    }
    const key = `${JSON.stringify(headers)}${body}`
    let fetch = inFlight.get(key)
    if (fetch === undefined) {
      const started: SharedFetch<HttpAnswer> = new SharedFetch(
        (signal) =>
          retrying((abort) => pool.post(body, headers, abort), {
            retries,
            cutoff: () => started.cutoff,
            signal,
            clock,
            random,
          }),
        clock,
        () => {
          if (inFlight.get(key) === started) inFlight.delete(key)
        },
      )
      inFlight.set(key, started)
      fetch = started
    }
    return fetch.wait(caller)
  }

  return {
    async execute(operation, variables, request): Promise<ExecutionResult> {
      try {
        return readGraphqlAnswer(await send(operation, variables, request), url)
      } catch (error) {
        const failure = error instanceof PresageError ? error : upstreamFailed(name, error)
        return { errors: [locatedPresageError(failure, undefined)] }
      }
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

/** Writes request bodies; the part of a plan's operation is the same for all its requests and written once. */
function createBodyWriter(): (
  operation: SubgraphOperation,
  variables: Readonly<Record<string, unknown>>,
) => string {
  const heads = new WeakMap<SubgraphOperation, string>()
  return (operation, variables) => {
    let head = heads.get(operation)
    if (head === undefined) {
      head = `{"query":${JSON.stringify(operation.text)},"variables":`
      heads.set(operation, head)
    }
    return `${head}${JSON.stringify(variables)}}`
  }
}
