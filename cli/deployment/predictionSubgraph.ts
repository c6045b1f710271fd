import type { ServerResponse } from 'node:http'
import { resolve } from 'node:path'
import { GraphQLError, type GraphQLSchema } from 'graphql'
import { z } from 'zod'
import { type AnswerPlugin, explainAnswers } from '../../gateway/execution/explained'
import { createRequestReader, type RequestMessage } from '../../gateway/identity/requestReader'
import { systemClock } from '../../lib/clock'
import { errorTable, LoadError, PresageError } from '../../lib/errors'
import { notOneOf } from '../../lib/files/nearMiss'
import { readTextFile } from '../../lib/files/readTextFile'
import { parseShape } from '../../lib/files/shapeProblems'
import { strictShape, text } from '../../lib/files/shapes'
import { isMap } from '../../lib/isMap'
import { shortPath } from '../../lib/packagePaths'
import { AbortableCaller } from '../../lib/request/caller'
import { parseSdl } from '../../schema/sdl/parseSdl'
import { withPredictDirective } from '../../schema/sdl/predictDirective'
import { listedNames } from '../../schema/sdl/subgraphSources'
import type { SubgraphResolvers } from '../../serving/fields/subgraphSchema'
import type { SubgraphContext } from '../../serving/inputs/subgraphContext'
import { createPrometheusMetrics } from '../../telemetry/prometheus'
import { findRuntime, missingRuntime } from '../../workers/runtime/onnxRuntime'
import { type Config, loadConfig } from '../config/config'
import { checkedResolvers } from '../graph/checkedResolvers'
import { nodePlace } from '../rules/openStore'
import { createTrust, requireKeys } from './createTrust'

export type { ClientRequest } from '../../lib/request/clientRequest'
export type { SubgraphContext, SubgraphResolvers }
export { LoadError, PresageError }

// Servers that hide unexpected errors, as GraphQL Yoga does, show those that wrap nothing but GraphQLErrors. A
// PresageError is meant for clients, so it counts as one here. Our own gateway needs neither its class nor its cost.
Object.setPrototypeOf(PresageError.prototype, GraphQLError.prototype)

export interface PredictionSubgraphOptions {
  /** Path of a `presage.yaml`, of which repositories, rules, shards, context, limits and trust are read. */
  readonly config: string
  /** The subgraph's name in the supergraph. */
  readonly name: string
  /** Path of its SDL, without the definition of `@predict`. */
  readonly schema: string
  /** The resolvers of all fields without `@predict`. */
  readonly resolvers?: SubgraphResolvers
  /** Receives one line at a time for the operator; default: standard error. */
  readonly log?: (line: string) => void
}

/** A subgraph with prediction fields for a server that is not Presage's. */
export interface PredictionSubgraph {
  /** The federated schema with all resolvers, for any server based on graphql-js. */
  readonly schema: GraphQLSchema
  /** The full SDL, for rover and other composition tools. */
  readonly sdl: string
  /**
   * Settles when each version that it may need is ready or refused, or this is disposed. Before, fields answer
   * `MODEL_NOT_READY`.
   */
  readonly loaded: Promise<void>
  /**
   * Creates the context that every resolver must get, on its own or as part of a larger one: the deadline, the context
   * keys, and a signal for when the client has gone. Throws a GraphQLError with code and HTTP status if the request is
   * refused. In tests `{ req: { headers: {} } }` is enough.
   */
  context(http: {
    readonly req: RequestMessage
    readonly res?: ServerResponse | undefined
  }): Promise<SubgraphContext>
  /** For Apollo Server: explains predictions, in `extensions.presage`, to callers who ask and may. */
  readonly plugin: AnswerPlugin
  /** Whether every version that its fields may need is ready, and what is missing. Never ready once it is disposed. */
  readiness(): { readonly ready: boolean; readonly reasons: readonly string[] }
  /** Checks the repositories' folders at once, although they are watched. Resolves with a line for each change. */
  reload(): Promise<readonly string[]>
  /** The metrics in Prometheus' text format. */
  metricsText(): Promise<string>
  /** Ends the workers. Call it after the last request. */
  dispose(): Promise<void>
}

/**
 * Builds one subgraph and starts its workers, for a team's own server. Rejects, with nothing left running, with a
 * LoadError that lists every problem of configuration, schema, objectives and rules. Presage and the server must share
 * one copy of `graphql`.
 */
export async function createPredictionSubgraph(
  given: PredictionSubgraphOptions,
): Promise<PredictionSubgraph> {
  if (findRuntime() === undefined) throw new LoadError([missingRuntime])
  // Required late: its modules load the runtime.
  const { createSubgraphRuntime }: typeof import('./subgraphRuntime') = require('./subgraphRuntime')
  const options = checked(given)
  const config = loadConfig(resolve(options.config))
  const file = resolve(options.schema)
  const source = { name: options.name, url: '', file, sdl: readTextFile(file, 'schema: ') }
  parseSdl(file, source.sdl)
  await requireKeys(config)
  const metrics = createPrometheusMetrics()
  const { log } = options
  warnOfName(options, config)
  const readRequest = createRequestReader({
    context: new Map(Object.entries(config.context)),
    defaultTimeoutMs: config.server.timeout,
    trust: createTrust(config, config.server.host, log),
    explain: config.explain,
    bypassCache: config.cache.bypass,
    metrics,
    onUnverified: log,
    onMissingContext: log,
  })
  const { schema, readiness, load, reload, dispose } = await createSubgraphRuntime(config, source, {
    sources: [source],
    createResolvers: () => options.resolvers,
    placeOfResolver: () => 'resolvers',
    metrics,
    place: nodePlace(config.ruleStore, `subgraph-${options.name}`, 0),
    log,
  })
  return {
    schema,
    sdl: withPredictDirective(source).sdl,
    loaded: load(),
    async context(http) {
      const { req, res } = checkedHttp(http)
      const caller = new AbortableCaller()
      const closed = () => {
        if (!res?.writableFinished) caller.leave()
      }
      // The server may have read a body or a token first, and a client that left meanwhile closes nothing any more.
      if (res?.destroyed) closed()
      else res?.once('close', closed)
      try {
        return { request: await readRequest(req, systemClock.now(), caller) }
      } catch (error) {
        throw error instanceof PresageError ? refused(error) : error
      }
    },
    plugin: explainAnswers,
    readiness,
    reload,
    metricsText: metrics.text,
    dispose,
  }
}

const optionsShape = strictShape({
  config: text,
  name: text,
  schema: text,
  resolvers: z.unknown().optional(),
  log: z
    .custom<(line: string) => void>((value) => typeof value === 'function', 'must be a function')
    .default(() => (line: string) => console.error(line)),
})

/** The options may come from JavaScript. Throws a LoadError with every problem. */
function checked(given: unknown): Required<PredictionSubgraphOptions> {
  const { resolvers = {}, ...options } = parseShape(optionsShape, given, 'createPredictionSubgraph')
  return { ...options, resolvers: checkedResolvers(resolvers, { start: 'resolvers', whole: 'must be' }) }
}

/** In a container there may be no list of subgraphs, or one with variables that only composition has. */
function warnOfName({ name, log }: Required<PredictionSubgraphOptions>, { graph }: Config): void {
  let names: readonly string[]
  try {
    names = listedNames(graph.subgraphs)
  } catch (error) {
    if (error instanceof LoadError) return
    throw error
  }
  if (names.includes(name)) return
  log(`warning: ${notOneOf(`name: must be a subgraph of ${shortPath(graph.subgraphs)}`, name, names)}`)
}

type HttpParts = Parameters<PredictionSubgraph['context']>[0]

/** The parts of node:http's servers. Those of other kinds are refused: no header of them would be read. */
function checkedHttp(given: Partial<HttpParts> | null | undefined): HttpParts {
  const { req, res } = given ?? {}
  const headers: unknown = req?.headers
  if (req !== undefined && isMap(headers) && typeof headers['get'] !== 'function') return { req, res }
  const keys = Object.keys(given ?? {})
  const got =
    req !== undefined ? 'req without these' : keys.length === 0 ? 'nothing' : `{ ${keys.join(', ')} }`
  throw new TypeError(
    `context of createPredictionSubgraph: must get { req, res } of node:http, or { req: { headers } } with headers by name in lower case, got ${got}; of a Fetch request, give { req: { headers: Object.fromEntries(request.headers) } }`,
  )
}

/** The error in the form that GraphQL servers understand, with the HTTP status. */
function refused(error: PresageError): GraphQLError {
  const { extensions, code } = error
  return new GraphQLError(error.message, {
    originalError: error,
    extensions: { ...extensions, http: { status: errorTable[code].http } },
  })
}
