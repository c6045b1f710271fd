import { ApolloServer, type ApolloServerPlugin } from '@apollo/server'
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginInlineTraceDisabled,
  ApolloServerPluginLandingPageDisabled,
  ApolloServerPluginSchemaReportingDisabled,
  ApolloServerPluginUsageReportingDisabled,
} from '@apollo/server/plugin/disabled'
import type { ValidationRule } from 'graphql'
import type { Log } from '../../lib/log'
import { refuseIntrospection } from '../limits/limitRules'
import type { GatewayContext, OperationGateway } from '../operations/operationGateway'
import type { FormatError } from '../response/formatError'

export interface ApolloOptions {
  /** What /graphql serves: a supergraph, or the schema of one subgraph. */
  readonly gateway: OperationGateway
  /** Whether clients may see the schema: by introspection, and in suggestions of errors. */
  readonly introspection: boolean
  /** Tokens in an operation's document. */
  readonly maxTokens: number
  /** Operations in one body; with 1, a body cannot be a list. */
  readonly maxOperations: number
  /** Origins whose pages may ask, by GET as well; `localhost` is any port of this machine. */
  readonly corsOrigins: readonly string[]
  /** Further plugins. A plugin with `requestDidStart` turns the fast path off, so that it sees every request. */
  readonly plugins?: readonly ApolloServerPlugin<GatewayContext>[]
}

/** The rules for documents in addition to those of the specification. */
export function validationRules({ gateway, introspection }: ApolloOptions): readonly ValidationRule[] {
  return introspection ? gateway.validationRules : [...gateway.validationRules, refuseIntrospection]
}

/** Apollo Server without reporting to Apollo, with our errors, limits and status codes. */
export function createApolloServer(
  options: ApolloOptions,
  rules: readonly ValidationRule[],
  ownPlugins: readonly ApolloServerPlugin<GatewayContext>[],
  formatError: FormatError,
  log: Log,
): ApolloServer<GatewayContext> {
  return new ApolloServer<GatewayContext>({
    gateway: options.gateway,
    validationRules: [...rules],
    // A plugin of ours keeps documents.
    documentStore: null,
    // Our own rule refuses it.
    introspection: true,
    formatError,
    allowBatchedHttpRequests: options.maxOperations > 1,
    includeStacktraceInErrorResponses: false,
    stopOnTerminationSignals: false,
    // Validation compares fields of the same name pair by pair. Without a limit, one small body can take seconds.
    parseOptions: { maxTokens: options.maxTokens },
    logger: {
      debug() {},
      info() {},
      warn: (message) => log.write('warn', String(message)),
      error: (message) => log.write('error', String(message)),
    },
    plugins: [
      ...ownPlugins,
      ...(options.plugins ?? []),
      ApolloServerPluginLandingPageDisabled(),
      ApolloServerPluginCacheControlDisabled(),
      ApolloServerPluginInlineTraceDisabled(),
      ApolloServerPluginSchemaReportingDisabled(),
      ApolloServerPluginUsageReportingDisabled(),
    ],
  })
}
