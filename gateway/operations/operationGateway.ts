import type {
  GatewayExecutionResult,
  GatewayGraphQLRequestContext,
  GatewayInterface,
  GatewayLoadResult,
  GatewaySchemaLoadOrUpdateCallback,
  GatewayUnsubscriber,
} from '@apollo/server-gateway-interface'
import { GraphQLError, type GraphQLSchema, type ValidationRule } from 'graphql'
import { type Clock, Deadlines, systemClock } from '../../lib/clock'
import { PresageError } from '../../lib/errors'
import type { FoundErrors } from '../../lib/execution/sharedError'
import { invariant } from '../../lib/invariant'
import { type Metrics, noMetrics } from '../../lib/metrics'
import type { ClientRequest } from '../../lib/request/clientRequest'
import { laterTurn, wholeTurn } from '../../lib/scheduling/loopTurn'
import type { MakeObjects, ReadColumn } from '../graphql/columnCode'
import { locatedPresageError, type SubgraphError } from '../graphql/locatedError'
import { shortName } from '../graphql/operationName'
import type { ResponseObject } from '../graphql/responseData'
import { isStackOverflow, tooDeep } from '../graphql/tooDeep'
import { type AnswerBudget, defaultAnswerBudget } from '../limits/answerBudget'
import { NewOperations, refusalWithRetryAfter } from '../limits/newOperations'
import type { LongData } from '../response/longData'
import { eachError } from '../response/sharedErrors'
import type { Variables } from '../run/planRun'
import { isLong } from './cacheBytes'
import { OperationCache } from './operationCache'
import type { OperationEnvironment } from './operationEnvironment'
import type { AskedOperation, OperationResult } from './preparedOperation'

/** The `contextValue` that Apollo Server must pass. */
export interface GatewayContext {
  readonly request: ClientRequest
  /** Holds the data of a long answer, while Apollo Server handles a placeholder. If absent, answers hold their data. */
  readonly long?: LongData
}

/** An entity fetch that is run by columns. */
export interface ColumnOperation {
  readonly makeEntities: MakeObjects
  /** The response keys that it writes into the entities. */
  readonly keys: readonly string[]
  /** For each of them, in the same order. */
  readonly reads: readonly ReadColumn[]
  /** Fills the entities. Rejects with a PresageError if there is no answer; single errors have paths as in the fetch. */
  run(
    entities: readonly ResponseObject[],
    variables: Variables,
    request: ClientRequest,
  ): Promise<FoundErrors<SubgraphError>>
}

/** A gateway for Apollo Server: `new ApolloServer({ gateway, validationRules: [...gateway.validationRules] })`. */
export interface OperationGateway extends GatewayInterface {
  /** The schema that clients see. */
  readonly apiSchema: GraphQLSchema
  /** Whether a model answers the field of `apiSchema`, as far as the gateway knows. */
  readonly isPrediction: (type: string, field: string) => boolean
  /** Rules for documents in addition to those of the specification. */
  readonly validationRules: readonly ValidationRule[]
  /** Runs an operation of a validated document. */
  readonly executor: (
    context: GatewayGraphQLRequestContext<GatewayContext & Record<string, unknown>>,
  ) => Promise<GatewayExecutionResult>
  readonly operations: OperationCache
  /** The limit on others; absent if there is none. */
  readonly newOperations?: NewOperations | undefined
  /**
   * Finds an entity fetch by a text that ran before, for entities of one type with these fields. Null if it cannot be
   * run by columns, undefined if the text is unknown. Absent unless the gateway serves a subgraph.
   */
  readonly entityColumns?:
    | ((
        text: string,
        maxTokens: number,
        type: string,
        sent: readonly string[],
      ) => ColumnOperation | null | undefined)
    | undefined
}

export interface OperationGatewayOptions
  extends Pick<OperationEnvironment, 'schema' | 'maxListLength' | 'listSizes' | 'stepFor' | 'explained'> {
  readonly supergraphSdl: string
  /** Default: of none. */
  readonly isPrediction?: (type: string, field: string) => boolean
  readonly validationRules: readonly ValidationRule[]
  /** How large an answer may be; `defaultAnswerBudget` by default. */
  readonly budget?: AnswerBudget
  /** How many operations stay compiled; 1,000 by default. */
  readonly cacheSize?: number
  /** How many new operations a client may have compiled per second; unlimited by default. */
  readonly newOperationsPerSecond?: number
  readonly metrics?: Metrics
  /** For the deadlines of requests. */
  readonly clock?: Clock
  stop(): Promise<void>
}

/** Runs operations of one schema. Unknown operations are compiled first. */
export function createOperationGateway(options: OperationGatewayOptions): OperationGateway {
  const { schema, supergraphSdl, validationRules, cacheSize = 1000, clock = systemClock } = options
  const { metrics = noMetrics, newOperationsPerSecond: perSecond } = options
  const misses = metrics.counter('presage_plan_cache_misses_total', 'Operations that had to be compiled.')
  const newOperations = perSecond === undefined ? undefined : new NewOperations({ perSecond, clock, metrics })
  const environment: OperationEnvironment = {
    schema,
    maxListLength: options.maxListLength,
    listSizes: options.listSizes,
    budget: options.budget ?? defaultAnswerBudget,
    deadlines: new Deadlines(clock),
    explained: options.explained,
    hits: metrics.counter('presage_plan_cache_hits_total', 'Operations that were compiled already.'),
    stepFor: options.stepFor,
    admit(request) {
      newOperations?.admit(request)
      misses.inc()
    },
  }
  const operations = new OperationCache(environment, cacheSize)

  async function executor({
    context: { request, long },
    document,
    operation,
    request: { operationName, variables = {} },
    source: text,
  }: GatewayGraphQLRequestContext<
    GatewayContext & Record<string, unknown>
  >): Promise<GatewayExecutionResult> {
    if (!operation) return { errors: [missingOperation(operationName ?? undefined)] }
    invariant(request !== undefined, 'the context value holds no client request')
    try {
      const asked = operations.take({ text, document, operation, operationName: operationName ?? undefined })
      const { prepared } = asked
      const { coerced, errors: variableErrors } = prepared.readVariables(variables)
      if (coerced === undefined) {
        operations.drop(text, operationName ?? undefined)
        return { errors: variableErrors.map((error) => atNodesOf(asked, error)) }
      }
      let compiled = prepared.compiled(coerced)
      if (compiled === undefined) {
        // Parsing and validation have filled this turn already.
        await (isLong(text) ? wholeTurn(request.client) : laterTurn(request.client))
        compiled = prepared.compiled(coerced) ?? prepared.compile(coerced, request)
      } else environment.hits.inc()
      const answer = await asked.run(compiled, coerced, request)
      const { data, shared = [], extensions } = answer
      const errors = [...answer.errors, ...shared.flatMap(eachError)]
      return {
        data: parsedData(data, long) as GatewayExecutionResult['data'],
        ...(errors.length > 0 && { errors }),
        ...(extensions && { extensions: { ...extensions } }),
      }
    } catch (error) {
      if (isStackOverflow(error)) return { errors: [locatedPresageError(tooDeep(), undefined)] }
      if (!(error instanceof PresageError)) throw error
      operations.drop(text, operationName ?? undefined)
      const isTooOften = error.code === 'TOO_MANY_NEW_OPERATIONS'
      return { errors: [isTooOften ? refusalWithRetryAfter(error) : locatedPresageError(error, undefined)] }
    }
  }

  return {
    apiSchema: schema,
    isPrediction: options.isPrediction ?? (() => false),
    validationRules,
    executor,
    operations,
    newOperations,
    onSchemaLoadOrUpdate(callback: GatewaySchemaLoadOrUpdateCallback): GatewayUnsubscriber {
      callback({ apiSchema: schema, coreSupergraphSdl: supergraphSdl })
      return () => {}
    },
    async load(): Promise<GatewayLoadResult> {
      return { executor: executor as GatewayLoadResult['executor'] }
    },
    stop: () => options.stop(),
  }
}

function parsedData(data: OperationResult['data'], long: LongData | undefined): unknown {
  if (typeof data === 'string') return JSON.parse(data)
  return long === undefined ? JSON.parse(Buffer.concat(data).toString()) : long.hold(data)
}

/** The error at the nodes of the text that was asked: the prepared document may be another text's, or without places. */
function atNodesOf({ nodesOf }: AskedOperation, error: GraphQLError): GraphQLError {
  const { message, nodes = null, originalError, extensions } = error
  return new GraphQLError(message, { nodes: nodes && nodesOf(nodes), originalError, extensions })
}

/** The message is that of graphql-js, which Apollo Server reports as OPERATION_RESOLUTION_FAILURE. */
function missingOperation(operationName: string | undefined): GraphQLError {
  return new GraphQLError(
    operationName !== undefined
      ? `Unknown operation named "${shortName(operationName)}".`
      : 'Must provide operation name if query contains multiple operations.',
  )
}
