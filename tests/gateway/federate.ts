import { buildSubgraphSchema, type GraphQLSchemaModule } from '@apollo/subgraph'
import { composeServices } from '@theguild/federation-composition'
import {
  type DocumentNode,
  type ExecutionResult,
  type GraphQLError,
  getOperationAST,
  Kind,
  parse,
  specifiedRules,
  validate,
} from 'graphql'
import { defaultLimits, type GatewayLimits } from '../../gateway/limits/limits'
import { createLocalExecutor } from '../../gateway/local/localExecutor'
import type { OperationGateway } from '../../gateway/operations/operationGateway'
import { createGateway } from '../../gateway/supergraph/presageGateway'
import { type Clock, systemClock } from '../../lib/clock'
import type { SubgraphExecutor } from '../../lib/execution/subgraphExecutor'
import type { Metrics } from '../../lib/metrics'
import { type ClientRequest, createClientRequest } from '../../lib/request/clientRequest'
import { callerOf } from '../support/callerOf'

export interface Subgraph {
  readonly typeDefs: string
  readonly resolvers?: GraphQLSchemaModule['resolvers']
  /** Replaces or wraps the executor. */
  readonly executor?: (local: SubgraphExecutor) => SubgraphExecutor
}

/** One operation as a subgraph got it. */
export interface Sent {
  readonly subgraph: string
  readonly text: string
  readonly document: DocumentNode
  readonly variables: Readonly<Record<string, unknown>>
}

export interface Answer {
  data?: Record<string, unknown> | null
  errors?: readonly GraphQLError[]
  extensions?: Readonly<Record<string, unknown>>
}

export interface Federation {
  readonly gateway: OperationGateway
  readonly supergraphSdl: string
  /** Everything that was sent to subgraphs, in order. */
  readonly sent: Sent[]
  query(text: string, variables?: Record<string, unknown>, request?: Partial<ClientRequest>): Promise<Answer>
}

export const linkFederation = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: [
  "@key", "@external", "@requires", "@provides", "@shareable", "@inaccessible", "@interfaceObject", "@composeDirective"])
`

export const linkPredict = `${linkFederation}
extend schema @link(url: "https://specs.presage.dev/predict/v1.0", import: ["@predict"])
  @composeDirective(name: "@predict")
directive @predict(objective: String, model: String, shard: String, inputs: [String!], output: String) on FIELD_DEFINITION
`

/** Composes subgraphs that run in this process, and answers operations as the whole gateway does. */
export function federate(
  subgraphs: Record<string, Subgraph>,
  options: { limits?: Partial<GatewayLimits>; planCacheSize?: number; clock?: Clock; metrics?: Metrics } = {},
): Federation {
  const sent: Sent[] = []
  const executors = new Map<string, SubgraphExecutor>()
  const services = Object.entries(subgraphs).map(([name, { typeDefs, resolvers, executor }]) => {
    const document = parse(typeDefs.includes('@link') ? typeDefs : linkFederation + typeDefs)
    const schema = buildSubgraphSchema([{ typeDefs: document, resolvers }])
    const local = createLocalExecutor(name, schema)
    executors.set(name, record(name, executor?.(local) ?? local, sent))
    return { name, typeDefs: document, url: 'http://localhost' }
  })
  const composed = composeServices(services)
  if (!composed.supergraphSdl)
    throw new Error((composed.errors ?? []).map(({ message }) => message).join('\n'))
  const { supergraphSdl } = composed
  const clock = options.clock ?? systemClock
  const gateway = createGateway({
    supergraphSdl,
    executors,
    ...options,
    limits: { ...defaultLimits, ...options.limits },
  })
  return {
    gateway,
    supergraphSdl,
    sent,
    async query(text, variables, request) {
      const document = parse(text)
      const errors = validate(gateway.apiSchema, document, [...specifiedRules, ...gateway.validationRules])
      if (errors.length > 0) return { errors }
      const client = createClientRequest({
        id: 'test',
        deadline: clock.now() + 60_000,
        ...request,
        caller: request?.signal && callerOf(request.signal),
      })
      return plain(await gateway.executor(contextOf(text, document, variables, client)))
    },
  }
}

/** A result as JSON, but with the errors as they were. */
export function plain(result: ExecutionResult): Answer {
  const { data, errors, extensions } = result
  return {
    ...(data !== undefined && { data: JSON.parse(JSON.stringify(data)) as Record<string, unknown> | null }),
    ...(errors && { errors }),
    ...(extensions && { extensions }),
  }
}

/** Path and code (or message) of each error, sorted by path. */
export function places(answer: Answer): string[] {
  return (answer.errors ?? [])
    .map((error) => `${error.path?.join('.') ?? '-'}: ${error.extensions.code ?? error.message}`)
    .sort()
}

function record(name: string, executor: SubgraphExecutor, sent: Sent[]): SubgraphExecutor {
  return {
    ...executor,
    execute(operation, variables, request, work) {
      sent.push({ subgraph: name, text: operation.text, document: operation.document, variables })
      return executor.execute(operation, variables, request, work)
    },
  }
}

type ExecutorContext = Parameters<OperationGateway['executor']>[0]

/** The part of Apollo Server's request context that the gateway reads. */
export function contextOf(
  source: string,
  document: DocumentNode,
  variables: Record<string, unknown> | undefined,
  request: ClientRequest,
): ExecutorContext {
  const operation = getOperationAST(document)
  if (operation?.kind !== Kind.OPERATION_DEFINITION) throw new Error('one operation per test document')
  const context: Pick<
    ExecutorContext,
    'source' | 'document' | 'operation' | 'operationName' | 'request' | 'context'
  > = {
    source,
    document,
    operation,
    operationName: operation.name?.value ?? null,
    request: { query: source, variables },
    context: { request },
  }
  return context as ExecutorContext
}
