import { ApolloServer } from '@apollo/server'
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginInlineTraceDisabled,
  ApolloServerPluginLandingPageDisabled,
  ApolloServerPluginSchemaReportingDisabled,
  ApolloServerPluginUsageReportingDisabled,
} from '@apollo/server/plugin/disabled'
import type { GraphQLSchema } from 'graphql'
import type { Log } from '../lib/log'
import { answerStatus } from './answerStatus'
import type { ErrorLog } from './errorLog'
import { createErrorFormatter } from './formatError'
import type { GatewayContext, PresageGateway } from './presageGateway'
import { watchOperations } from './watchOperations'

/** What is served at /graphql: a supergraph, or the schema of one subgraph. */
export type ServedGraph = { readonly gateway: PresageGateway } | { readonly schema: GraphQLSchema }

type ApolloOptions = ServedGraph & {
  readonly introspection: boolean
  /** Tokens of an operation's document; default 20,000. */
  readonly maxTokens?: number
  readonly maxOperations?: number
}

/** Apollo Server without what it would tell Apollo, and with the errors, limits and statuses of this house. */
export function createApolloServer(
  options: ApolloOptions,
  log: Log,
  logError: ErrorLog,
): ApolloServer<GatewayContext> {
  const { maxTokens = 20_000 } = options
  return new ApolloServer<GatewayContext>({
    ...('gateway' in options
      ? { gateway: options.gateway, validationRules: [...options.gateway.validationRules] }
      : { schema: options.schema }),
    introspection: options.introspection,
    formatError: createErrorFormatter(maxTokens),
    allowBatchedHttpRequests: (options.maxOperations ?? 1) > 1,
    includeStacktraceInErrorResponses: false,
    stopOnTerminationSignals: false,
    // Validation compares fields of the same name pair by pair: without a bound, one small body can take seconds.
    parseOptions: { maxTokens },
    logger: {
      debug() {},
      info() {},
      warn: (message) => log.write('warn', String(message)),
      error: (message) => log.write('error', String(message)),
    },
    plugins: [
      watchOperations(logError),
      answerStatus,
      ApolloServerPluginLandingPageDisabled(),
      ApolloServerPluginCacheControlDisabled(),
      ApolloServerPluginInlineTraceDisabled(),
      ApolloServerPluginSchemaReportingDisabled(),
      ApolloServerPluginUsageReportingDisabled(),
    ],
  })
}
