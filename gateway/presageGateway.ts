import type {
  GatewayExecutionResult,
  GatewayGraphQLRequestContext,
  GatewayInterface,
  GatewayLoadResult,
  GatewaySchemaLoadOrUpdateCallback,
  GatewayUnsubscriber,
} from '@apollo/server-gateway-interface'
import { GraphQLError, type GraphQLSchema, type ValidationRule } from 'graphql'
import { Alarms } from '../lib/alarms'
import type { ClientRequest } from '../lib/clientRequest'
import { type Clock, systemClock } from '../lib/clock'
import { LoadError, PresageError } from '../lib/errors'
import { invariant } from '../lib/invariant'
import { LruCache } from '../lib/lruCache'
import { type Metrics, noMetrics } from '../lib/metrics'
import type { SubgraphExecutor } from '../lib/subgraphExecutor'
import { buildApiSchema } from './apiSchema'
import { type CompileContext, type CompiledOperation, compileOperation } from './compileOperation'
import { executePlan } from './executePlan'
import type { KnownOperation, KnownOperations, ResolvedOperation } from './knownOperation'
import { LiftedOperations } from './lifting/liftedOperations'
import { type ScannedText, scanLiterals } from './lifting/scanLiterals'
import { limitRules } from './limitRules'
import type { GatewayLimits } from './limits'
import { locatedPresageError } from './locatedError'
import { NewOperations, refusalWithRetryAfter } from './newOperations'
import { createPlanner } from './planner'
import type { PlanRun } from './planRun'
import { readSupergraph } from './supergraph'

/** What Apollo Server must have as `contextValue`. */
export interface GatewayContext {
  readonly request: ClientRequest
}

export interface GatewayOptions {
  /** A composed supergraph. */
  readonly supergraphSdl: string
  /** One for each subgraph of the supergraph, by its name. */
  readonly executors: ReadonlyMap<string, SubgraphExecutor>
  readonly limits: GatewayLimits
  /** How many operations stay compiled; default 1,000, of together at most 16 million characters. */
  readonly planCacheSize?: number
  /** How many operations that were never planned each client may send in a second; default any number. */
  readonly newOperationsPerSecond?: number
  readonly metrics?: Metrics
  /** What the deadlines of requests are measured with. */
  readonly clock?: Clock
}

/** The gateway that Apollo Server is given: `new ApolloServer({ gateway, validationRules: [...gateway.validationRules] })`. */
export interface PresageGateway extends GatewayInterface, KnownOperations {
  /** No directive and no type of federation or of Presage. */
  readonly apiSchema: GraphQLSchema
  /** The limits of a document; they must run with the rules of the specification. */
  readonly validationRules: readonly ValidationRule[]
  /** Runs an operation of a validated document. */
  readonly executor: (
    context: GatewayGraphQLRequestContext<GatewayContext & Record<string, unknown>>,
  ) => Promise<GatewayExecutionResult>
}

/** Throws a LoadError where the supergraph is none, or a subgraph of it has no executor. */
export function createGateway(options: GatewayOptions): PresageGateway {
  const { supergraphSdl, executors, limits, planCacheSize = 1000, metrics = noMetrics } = options
  const { clock = systemClock, newOperationsPerSecond: perSecond } = options
  const planner = createPlanner(supergraphSdl)
  const supergraph = readSupergraph(supergraphSdl)
  requireExecutors(supergraph.subgraphs, executors)
  const schema = buildApiSchema(planner.consumerSchema)
  const compileContext: CompileContext = { schema, supergraph, planner, executors, limits }
  const operations = new LruCache<CompiledOperation>(planCacheSize, maxCachedCharacters)
  const liftedOperations = new LiftedOperations(compileContext, planCacheSize, maxCachedCharacters)
  const alarms = new Alarms<PlanRun>(clock)
  const newOperations = perSecond === undefined ? undefined : new NewOperations({ perSecond, clock, metrics })
  const hits = metrics.counter('presage_plan_cache_hits_total', 'Operations that were compiled already.')
  const misses = metrics.counter('presage_plan_cache_misses_total', 'Operations that had to be compiled.')

  /**
   * From the cache, keyed by the document's text and the operation's name; or by its shape, where its literals change. Throws where
   * the client has had too many compiled.
   */
  function compiled(resolved: ResolvedOperation, request: ClientRequest): CompiledOperation {
    const { source, document, operation } = resolved
    const key = keyOf(resolved)
    const known = operations.get(key)
    if (known !== undefined) {
      hits.inc()
      return known
    }
    const scanned = scanLiterals(source, Number.POSITIVE_INFINITY)
    const knownShape = scanned && liftedOperations.find(scanned)
    if (knownShape?.takes(scanned!.literals)) {
      hits.inc()
      return knownShape.of(source, scanned!.literals)
    }
    newOperations?.admit(request)
    misses.inc()
    const lifted = scanned && liftedOperations.compile(scanned)
    if (lifted !== undefined) return lifted.of(source, scanned!.literals)
    const fresh = compileOperation(document, operation, source, compileContext)
    operations.set(key, fresh, key.length)
    return fresh
  }

  async function executor(
    context: GatewayGraphQLRequestContext<GatewayContext & Record<string, unknown>>,
  ): Promise<GatewayExecutionResult> {
    if (!context.operation) return { errors: [missingOperation(context.request.operationName)] }
    const { request } = context.context
    invariant(request !== undefined, 'the context value holds no client request')
    try {
      const operation = compiled(context, request)
      const variables = context.request.variables ?? {}
      operation.checkVariableLists?.(variables)
      const { coerced, errors: variableErrors } = operation.readVariables(variables)
      if (coerced === undefined) return { errors: variableErrors }
      const { dataText, errors, extensions } = await executePlan(operation, coerced, request, schema, alarms)
      const data = JSON.parse(dataText) as GatewayExecutionResult['data']
      return {
        data,
        ...(errors.length > 0 && { errors }),
        ...(extensions && { extensions: { ...extensions } }),
      }
    } catch (error) {
      if (error instanceof PresageError && error.code === 'TOO_MANY_NEW_OPERATIONS') {
        return { errors: [refusalWithRetryAfter(error)] }
      }
      if (error instanceof PresageError) return { errors: [locatedPresageError(error, undefined)] }
      throw error
    }
  }

  function known(resolved: ResolvedOperation): KnownOperation | undefined {
    const operation = operations.get(keyOf(resolved))
    if (operation !== undefined) return knownAs(operation, resolved.operationName)
    const scanned = scanLiterals(resolved.source, Number.POSITIVE_INFINITY)
    return scanned && knownShape(resolved.source, scanned, undefined)
  }

  function knownShape(
    text: string,
    scanned: ScannedText,
    operationName: string | undefined,
  ): KnownOperation | undefined {
    const lifted = liftedOperations.find(scanned)
    if (lifted === undefined || (operationName !== undefined && operationName !== lifted.name))
      return undefined
    return knownAs(lifted.of(text, scanned.literals), lifted.name ?? null, lifted)
  }

  function knownAs(operation: CompiledOperation, name: string | null, shape?: object): KnownOperation {
    return {
      name,
      shape,
      readVariables(variables) {
        try {
          operation.checkVariableLists?.(variables)
        } catch {
          return undefined
        }
        return operation.readVariables(variables).coerced
      },
      run(variables, request) {
        hits.inc()
        return executePlan(operation, variables, request, schema, alarms)
      },
    }
  }

  return {
    apiSchema: schema,
    validationRules: limitRules(supergraph, limits),
    executor,
    known,
    knownShape,
    onSchemaLoadOrUpdate(callback: GatewaySchemaLoadOrUpdateCallback): GatewayUnsubscriber {
      callback({ apiSchema: schema, coreSupergraphSdl: supergraphSdl })
      return () => {}
    },
    async load(): Promise<GatewayLoadResult> {
      return { executor: executor as GatewayLoadResult['executor'] }
    },
    async stop(): Promise<void> {
      await Promise.all([...executors.values()].map((subgraph) => subgraph.dispose?.()))
    },
  }
}

function keyOf({ source, operationName }: ResolvedOperation): string {
  return operationName === null ? source : `${operationName} ${source}`
}

const maxCachedCharacters = 16_000_000

function requireExecutors(
  subgraphs: readonly string[],
  executors: ReadonlyMap<string, SubgraphExecutor>,
): void {
  const known = [...executors.keys()].join(', ') || 'none'
  const problems = subgraphs
    .filter((name) => !executors.has(name))
    .map((name) => `supergraph: subgraph ${name} must have an executor, got ${known}`)
  if (problems.length > 0) throw new LoadError(problems)
}

/** In the words of graphql-js, which Apollo Server reports as OPERATION_RESOLUTION_FAILURE. */
function missingOperation(operationName: string | undefined): GraphQLError {
  return new GraphQLError(
    operationName
      ? `Unknown operation named "${operationName}".`
      : 'Must provide operation name if query contains multiple operations.',
  )
}
