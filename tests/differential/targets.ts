import { getOperationAST } from 'graphql'
import { defaultLimits } from '../../gateway/limits/limits'
import { createLocalExecutor } from '../../gateway/local/localExecutor'
import { createHttpExecutor } from '../../gateway/remote/httpExecutor'
import { createGateway } from '../../gateway/supergraph/presageGateway'
import type { SubgraphExecutor } from '../../lib/execution/subgraphExecutor'
import type { ClientRequest } from '../../lib/request/clientRequest'
import { loopbackTrust, startServer } from '../gateway/startServer'
import type { ValidOperation } from './generate/generate'
import type { Graph } from './graphs/graph'
import { createHttpClient } from './httpClient'
import { startPlainServer } from './plainServer'
import { requestOf, roles } from './requestOf'
import { closeAll, inTrial, type Target, type TargetKind } from './target'
import { trialHeader } from './trial'

/** All that is used of the gateway. */

/** The gateway and its subgraphs in this process, without HTTP. */
export const local: TargetKind = {
  name: 'local',
  start: async (graph) => [await gatewayTarget(graph, localExecutors(graph), [])],
}

/** The gateway in this process, its subgraphs served by us. */
export const split: TargetKind = {
  name: 'split',
  async start(graph) {
    const { executors, closing } = await remoteExecutors(graph, async (schema) => {
      const server = await startServer({ schema, ...settings })
      return { url: `${server.url}/graphql`, close: () => server.close() }
    })
    return [await gatewayTarget(graph, executors, closing)]
  },
}

/** The gateway in this process, its subgraphs served by graphql-js. */
export const foreignSubgraphs: TargetKind = {
  name: 'plain',
  async start(graph) {
    const { executors, closing } = await remoteExecutors(graph, startPlainServer)
    return [await gatewayTarget(graph, executors, closing)]
  },
}

/** All as clients meet it: the gateway behind its HTTP server, with subgraphs in its process. */
export const http: TargetKind = {
  name: 'http',
  async start(graph) {
    const gateway = await startGateway(graph, localExecutors(graph))
    const server = await startServer({ gateway, ...settings })
    return [httpTarget(graph.whole, graph, server.url, [() => server.close(), () => gateway.stop()])]
  },
}

/** Each subgraph by itself, as gateways meet it. */
export const alone: TargetKind = {
  name: 'alone',
  async start(graph) {
    const targets: Target[] = []
    for (const [name, schema] of graph.subgraphs) {
      const server = await startServer({ schema, ...settings })
      targets.push(httpTarget(schema, graph.samplesOf(name), server.url, [() => server.close()]))
    }
    return targets
  },
}

/** Errors are meant here. A list of entities, with what is required of them, may be long. */
const settings = {
  log: { isOn: () => false, write() {} },
  trust: { ...loopbackTrust, rolesOfAnybody: roles },
  maxBodyBytes: 1_000_000,
}

function localExecutors(graph: Graph): ReadonlyMap<string, SubgraphExecutor> {
  return new Map([...graph.subgraphs].map(([name, schema]) => [name, createLocalExecutor(name, schema)]))
}

async function remoteExecutors(
  graph: Graph,
  serve: (schema: Target['schema']) => Promise<{ readonly url: string; close(): Promise<void> }>,
): Promise<{ executors: ReadonlyMap<string, SubgraphExecutor>; closing: (() => Promise<unknown>)[] }> {
  const executors = new Map<string, SubgraphExecutor>()
  const closing: (() => Promise<unknown>)[] = []
  for (const [name, schema] of graph.subgraphs) {
    const { url, close } = await serve(schema)
    closing.push(close)
    executors.set(name, createHttpExecutor({ name, url, timeoutMs: 60_000, forwardHeaders: [trialHeader] }))
  }
  return { executors, closing }
}

type Gateway = ReturnType<typeof createGateway>

async function startGateway(
  { supergraphSdl }: Graph,
  executors: ReadonlyMap<string, SubgraphExecutor>,
): Promise<Gateway> {
  const gateway = createGateway({ supergraphSdl, executors, limits: { ...defaultLimits, answer: unlimited } })
  await gateway.load({ apollo: {} })
  return gateway
}

async function gatewayTarget(
  graph: Graph,
  executors: ReadonlyMap<string, SubgraphExecutor>,
  closing: readonly (() => Promise<unknown>)[],
): Promise<Target> {
  const gateway = await startGateway(graph, executors)
  return {
    schema: graph.whole,
    samples: graph,
    ask: (operation, faultSeed) =>
      inTrial(faultSeed, async (trial) => {
        const { data, errors = [] } = await gateway.executor(contextOf(operation, requestOf(trial)))
        return {
          dataText: data === undefined ? undefined : JSON.stringify(data),
          errors: errors.map((error) => error.toJSON()),
        }
      }),
    close: () => closeAll([() => gateway.stop(), ...closing]),
  }
}

function httpTarget(
  schema: Target['schema'],
  samples: Target['samples'],
  url: string,
  closing: readonly (() => Promise<unknown>)[],
): Target {
  const client = createHttpClient(url)
  return {
    schema,
    samples,
    ask: (operation, faultSeed) => inTrial(faultSeed, (trial) => client.ask(operation, trial)),
    close: () => closeAll([() => client.close(), ...closing]),
  }
}

type ExecutorContext = Parameters<Gateway['executor']>[0]

/** The part of Apollo Server's request context that the gateway reads. */
function contextOf(
  { text, document, operationName, variables }: ValidOperation,
  request: ClientRequest,
): ExecutorContext {
  const operation = getOperationAST(document, operationName)
  const context = {
    source: text,
    document,
    operation: operation ?? undefined,
    operationName: operation?.name?.value ?? null,
    request: { query: text, operationName, variables },
    context: { request },
  }
  return context as unknown as ExecutorContext
}

/** Graphql-js answers whatever is asked. */
const unlimited = { values: Number.POSITIVE_INFINITY, bytes: Number.POSITIVE_INFINITY }
