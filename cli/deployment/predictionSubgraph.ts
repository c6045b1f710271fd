import type { IncomingMessage, ServerResponse } from 'node:http'
import { resolve } from 'node:path'
import { GraphQLError, type GraphQLSchema } from 'graphql'
import { type AnswerPlugin, explainAnswers } from '../../gateway/execution/explained'
import { createRequestReader } from '../../gateway/identity/requestReader'
import { systemClock } from '../../lib/clock'
import { errorTable, LoadError, PresageError } from '../../lib/errors'
import { readTextFile } from '../../lib/files/readTextFile'
import { LeavingCaller } from '../../lib/request/caller'
import { parseSdl } from '../../schema/sdl/parseSdl'
import { withPredictDirective } from '../../schema/sdl/predictDirective'
import type { SubgraphResolvers } from '../../serving/fields/subgraphSchema'
import type { SubgraphContext } from '../../serving/inputs/subgraphContext'
import { createPrometheusMetrics } from '../../telemetry/prometheus'
import { findRuntime, missingRuntime } from '../../workers/runtime/onnxRuntime'
import { loadConfig } from '../config/config'
import { nodePlace } from '../rules/openStore'
import { createTrust } from './createTrust'

export type { ClientRequest } from '../../lib/request/clientRequest'
export type { SubgraphContext, SubgraphResolvers }
export { LoadError, PresageError }

export interface PredictionSubgraphOptions {
  /** Path of a `presage.yaml`: repositories, rules, shards, context, limits and trust are read, and no other subgraph. */
  readonly config: string
  /** The subgraph's name in the supergraph. */
  readonly name: string
  /** Path of its SDL, without the definition of `@predict`. */
  readonly schema: string
  /** Of all fields that are no predictions. */
  readonly resolvers?: SubgraphResolvers
  /** Gets one line for each thing that an operator should know; default: standard error. */
  readonly log?: (line: string) => void
}

/** A subgraph with prediction fields inside a server that is not Presage's. */
export interface PredictionSubgraph {
  /** Federated and with all resolvers; any server of graphql-js can execute it. */
  readonly schema: GraphQLSchema
  /** The full SDL, for rover and other composition. */
  readonly sdl: string
  /** Settles when every version that its fields may need is ready or refused; until then they answer `MODEL_NOT_READY`. */
  readonly loaded: Promise<void>
  /**
   * Makes what every resolver must get as its context, or as part of it: the request's deadline, what is known of it, and
   * a signal for when the client has gone. Throws a GraphQLError with code and HTTP status for a request that is refused.
   */
  context(http: { readonly req: IncomingMessage; readonly res?: ServerResponse }): Promise<SubgraphContext>
  /**
   * For Apollo Server: tells those who ask, and may, why their predictions are what they are. What is told then stands under
   * `extensions.presage` of the answer, which our gateway brings to its client.
   */
  readonly plugin: AnswerPlugin
  /** Whether every version that its fields may need is ready, and what is missing. */
  readiness(): { readonly ready: boolean; readonly reasons: readonly string[] }
  /**
   * Takes up at once what has come or gone in the repositories' folders, which are followed anyway; resolves with a line for each
   * thing that was done.
   */
  reload(): Promise<readonly string[]>
  /** In Prometheus' text form. */
  metricsText(): Promise<string>
  /** Ends the workers, once nothing is asked any more. */
  dispose(): Promise<void>
}

/**
 * Builds one subgraph and starts its workers, for a team's own server. Rejects, with nothing left running, with a LoadError
 * that has every problem of configuration, schema, objectives and rules. `graphql` must be the same copy for Presage and
 * for the server.
 */
export async function createPredictionSubgraph(
  options: PredictionSubgraphOptions,
): Promise<PredictionSubgraph> {
  if (findRuntime() === undefined) throw new LoadError([missingRuntime])
  // Not before: its modules load the runtime.
  const { createSubgraphRuntime }: typeof import('./subgraphRuntime') = require('./subgraphRuntime')
  const config = loadConfig(options.config)
  const file = resolve(options.schema)
  const source = { name: options.name, url: '', file, sdl: readTextFile(file, 'schema: ') }
  parseSdl(file, source.sdl)
  const metrics = createPrometheusMetrics()
  const readRequest = createRequestReader({
    context: new Map(Object.entries(config.context)),
    defaultTimeoutMs: config.server.timeout,
    trust: createTrust(config, config.server.host),
    explain: config.explain,
    bypassCache: config.cache.bypass,
    metrics,
  })
  const { schema, readiness, load, reload, dispose } = await createSubgraphRuntime(config, source, {
    sources: [source],
    createResolvers: () => options.resolvers ?? {},
    metrics,
    place: nodePlace(config.ruleStore, `subgraph-${options.name}`, undefined),
    log: options.log ?? ((line) => console.error(line)),
  })
  return {
    schema,
    sdl: withPredictDirective(source).sdl,
    loaded: load(),
    async context({ req, res }) {
      const caller = new LeavingCaller()
      res?.once('close', () => {
        if (!res.writableFinished) caller.leave()
      })
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

/** As servers of GraphQL understand it, status included. */
function refused(error: PresageError): GraphQLError {
  const { extensions, code } = error
  return new GraphQLError(error.message, {
    originalError: error,
    extensions: { ...extensions, http: { status: errorTable[code].http } },
  })
}
