import { startGrpcServer } from '../../inference/grpc/grpcServer'
import { startInferenceHttp } from '../../inference/http/httpServer'
import { createInferenceService } from '../../inference/inferenceService'
import type { LoadReport } from '../../inference/statistics/loadReport'
import { createTensorShard } from '../../inference/tensors/tensorShard'
import { systemClock } from '../../lib/clock'
import { type ErrorCode, PresageError } from '../../lib/errors'
import type { ServerTls } from '../../lib/tls/serverTls'
import type { Model } from '../../models/contracts/model'
import { ModelRegistry } from '../../serving/repository/modelRegistry'
import type { GraphOptions } from '../../workers/runtime/graphFiles'
import { createShard } from '../../workers/shard'

/** A server of the protocol that loads whichever graph it is told to under a version's name. */
export interface GraphServer {
  /** Of gRPC and of HTTP. */
  readonly addresses: Readonly<Record<'grpc' | 'http', string>>
  /** The graph that a version has here. */
  put(key: string, graphPath: string, options?: GraphOptions): void
  setReady(isReady: boolean): void
  /** Has every request fail with this code, until it is undefined. */
  refuse(code: ErrorCode | undefined): void
  /** Has every request wait, until the returned function is called. */
  hold(): () => void
  /** Requests that wait, and how many of those that waited were given up by their clients. */
  readonly held: { readonly waiting: number; readonly left: number }
  /** For whom each request was, as the queue sees it. It believes everybody. */
  readonly clients: readonly (string | undefined)[]
  /** The load that it tells with each answer. */
  tellLoad(text: string): void
  close(): Promise<void>
}

/** `loading` hears of every request to load a version. */
export async function startGraphServer(
  port = 0,
  loading: (key: string) => void = () => {},
  tls?: ServerTls,
  httpPort = 0,
): Promise<GraphServer> {
  const shard = createTensorShard(
    await createShard({ name: 'main', kind: 'thread', workers: 1, inline: 'never' }),
  )
  const registry = new ModelRegistry()
  const graphs = new Map<string, { graphPath: string; options?: GraphOptions }>()
  let isReady = true
  let refusal: ErrorCode | undefined

  async function load(key: string): Promise<void> {
    loading(key)
    const graph = graphs.get(key)
    if (graph === undefined) throw new PresageError('MODEL_NOT_FOUND', `${key} is not there`)
    const signature = await shard.load(key, graph.graphPath, graph.options).catch((error: Error) => {
      throw new PresageError('MODEL_NOT_READY', error.message)
    })
    const [name, version] = key.split('@')
    const asked = graph.options?.outputs ?? signature.outputs.map((output) => output.name)
    const model = {
      key,
      manifest: {
        name,
        version,
        batching: { maxRows: 512, maxDelayMs: 0 },
        postprocess: Object.fromEntries(asked.map((output) => [output, { column: output }])),
      },
      checkOutputs() {},
    } as unknown as Model
    shard.serve(model)
    registry.set({ key, name, version, shards: ['main'], state: { is: 'ready', model } })
  }

  const own = createInferenceService({
    registry,
    repository: { index: () => [], load, unload: async () => {} },
    // Nothing is loaded because it is asked.
    memory: {
      isLoadable: () => false,
      load,
      begin: (key) => ({ key, bytes: 0, requests: 1, usedAt: 0 }),
      end() {},
    },
    shard,
    clock: systemClock,
    maxRows: 10_000,
    timeoutMs: 60_000,
    isReady: () => isReady,
    version: '0',
  })
  let released = Promise.resolve()
  const held = { waiting: 0, left: 0 }
  const told = { text: '' }
  const clients: (string | undefined)[] = []
  const common = {
    service: {
      ...own,
      load: told as LoadReport,
      async infer(...asked: Parameters<typeof own.infer>) {
        if (refusal !== undefined) throw new PresageError(refusal, 'the server refuses everything')
        const left = () => held.left++
        const [, , caller] = asked
        clients.push(caller.client)
        held.waiting++
        caller.onLeave(left)
        await released
        caller.offLeave(left)
        held.waiting--
        return own.infer(...asked)
      },
    },
    inFlight: { count: 0, isTrusted: () => true },
    clock: systemClock,
    host: '127.0.0.1',
    maxBodyBytes: 1 << 26,
    log: () => {},
    ...(tls && { tls }),
  }
  const grpc = await startGrpcServer({ ...common, port })
  const http = await startInferenceHttp({ ...common, port: httpPort, pages: new Map() })
  return {
    addresses: { grpc: `127.0.0.1:${grpc.port}`, http: `127.0.0.1:${http.port}` },
    put: (key, graphPath, options) => graphs.set(key, { graphPath, ...(options && { options }) }),
    refuse(code) {
      refusal = code
    },
    hold() {
      let release!: () => void
      released = new Promise((resolve) => {
        release = resolve
      })
      return release
    },
    held,
    clients,
    tellLoad(text) {
      told.text = text
    },
    setReady(next) {
      isReady = next
    },
    async close() {
      await Promise.all([grpc.close(0), http.close(0)])
      await shard.dispose()
    },
  }
}
