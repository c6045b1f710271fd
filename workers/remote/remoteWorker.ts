import { setTimeout as delay } from 'node:timers/promises'
import type { Clock } from '../../lib/clock'
import { PresageError } from '../../lib/errors'
import { Emitter } from '../../lib/events'
import type { TraceContext } from '../../lib/request/traceContext'
import type { ClientTls } from '../../lib/tls/clientTls'
import type { RemoteNames } from '../../models/contracts/manifest'
import type { GraphSignature, Tensor, TensorSignature, Tensors } from '../../models/types/tensor'
import { typeOf } from '../protocol/datatypes'
import type { TensorMetadata, VerifiedContent } from '../protocol/metadata'
import { clientParameter, noParameters, type Parameters } from '../protocol/parameters'
import type { InferRequest } from '../protocol/wireTensor'
import { type InferResponse, plainTensor, tensorFault, wireTensor } from '../protocol/wireTensor'
import { type GraphOptions, readGraph } from '../runtime/graphFiles'
import { withRank } from '../runtime/withRank'
import type { Origin } from '../runtime/worker'
import { WorkerLost } from '../runtime/workerLost'
import { CallError, callStatus } from './callError'
import { callFailure } from './callFailure'
import { type Cancel, usualCancel } from './cancel'
import { dialProblem } from './connection/dialProblem'
import type { InferAnswer, InferenceClient, ServerIndex, ServerMetadata } from './inferenceClient'
import type { FailedCall, Readiness, RemoteInference, ServerConnection } from './serverConnection'
import { ServerNames } from './serverNames'

export interface RemoteWorkerOptions {
  /** `host:port` */
  readonly address: string
  readonly protocol: RemoteProtocol
  /** Absent: no TLS. */
  readonly tls?: ClientTls
  /** Default by what the server tells of itself. */
  readonly cancel?: Cancel
  readonly clock: Clock
  /** Whether the server may be asked to load versions; default true. */
  readonly mayLoad?: boolean
  /** How long it may take to say whether it is ready, in milliseconds; default a second, for those that are asked again. */
  readonly readyMs?: number
}

/** How a server is spoken to. */
export type RemoteProtocol = 'grpc' | 'http'

/** How long a server may take to say whether it is ready, in milliseconds. */
const usualReadyMs = 1_000
/** For how long one index of what a server has will do, in milliseconds. */
const indexMs = 1_000
/** How long loading a version, or a run without a deadline, may take. */
const longMs = 60_000
/** How long calls that nobody needs any more may keep a connection open. */
const unneededMs = 5_000

/**
 * A worker that is a server of the Open Inference Protocol at one address. It runs the graph that the server has under
 * the version's name; the graph's file here is only compared with its SHA-256, and read for the labels of its classes.
 */
export class RemoteWorker implements ServerConnection {
  readonly kind = 'remote'
  private readonly lostEmitter = new Emitter<string>()
  readonly lost = this.lostEmitter.event
  /** A server that does not answer is not ready, which its owner notices by `readiness`. */
  readonly stalled = new Emitter<never>().event
  private readonly failedEmitter = new Emitter<FailedCall>()
  readonly failed = this.failedEmitter.event
  private readonly held = new Map<string, HeldVersion>()
  private told: { readonly at: number; readonly verified: Promise<VerifiedVersions> } | undefined
  private readonly running = new Set<Promise<unknown>>()
  private end: string | undefined
  /** Whether calls are cancelled that nobody needs any more. If not, they end by themselves. */
  private readonly cancels: boolean
  private readonly unneeded = new Set<Promise<unknown>>()

  /** Resolves when the server is ready. Rejects with a message if it is not, or cannot be reached. */
  static async start(id: string, options: RemoteWorkerOptions): Promise<RemoteWorker> {
    const client = openClient(options)
    const { readyMs = usualReadyMs } = options
    try {
      const { ready, reason } = await client.serverReady(Date.now() + readyMs)
      if (!ready) throw new Error(reason ?? 'it is not ready')
      const server = await client.serverMetadata(Date.now() + readyMs)
      return new RemoteWorker(id, client, options, server)
    } catch (error) {
      client.close()
      throw new Error(dialProblem((error as Error).message, options.protocol, options.tls !== undefined))
    }
  }

  private constructor(
    readonly id: string,
    private readonly client: InferenceClient,
    private readonly options: RemoteWorkerOptions,
    private readonly server: ServerMetadata,
  ) {
    this.cancels = (options.cancel ?? usualCancel(server)) === 'rpc'
    client.watch((reason) => this.lose(reason))
  }

  async load(key: string, graphPath: string, options: GraphOptions = {}): Promise<GraphSignature> {
    if (this.end !== undefined) throw this.endedError()
    const { classes } = await readGraph(graphPath, options)
    const deadline = Date.now() + longMs
    const began = this.options.clock.now()
    try {
      const own = ServerNames.of(key, undefined)[0]
      const known = await this.verified(key, options.contentHash)
      const names = known ? own : await this.find(key, options.remote, deadline)
      const { inputs, outputs } =
        known ?? (await this.client.modelMetadata(names.model, names.version, deadline))
      const signature = {
        inputs: inputs.map((input) => signatureOf(names.ownInput(input.name), input)),
        outputs: outputs.map((output) => {
          const name = names.ownOutput(output.name)
          const labels = classes.get(name)
          return { ...signatureOf(name, output), ...(labels && { classes: labels }) }
        }),
      }
      this.held.set(key, {
        names,
        isVerified: known !== undefined,
        outputs: signature.outputs.filter(({ name }) => options.outputs?.includes(name) ?? true),
      })
      return signature
    } catch (error) {
      // One that is ready only takes long over this version.
      if (this.isLate(error) && (await this.readiness()) === 'ready')
        throw new WorkerLost(`worker ${this.id} (remote) takes too long to load ${key}`, false, 'OVERLOADED')
      const failure = this.failure(key, error, began)
      throw failure instanceof WorkerLost && failure.outcome !== 'MODEL_NOT_READY'
        ? failure
        : new Error((error as Error).message)
    }
  }

  async wake(key: string): Promise<void> {
    const names = this.held.get(key)?.names ?? ServerNames.of(key, undefined)[0]
    const deadline = Date.now() + longMs
    if (!(await this.isModelReady(names, deadline))) await this.loadThere(names, deadline)
  }

  isVerified(key: string): boolean {
    return this.held.get(key)?.isVerified === true
  }

  async infer(
    key: string,
    tensors: Tensors,
    deadline = Number.POSITIVE_INFINITY,
    origin?: Origin,
    signal?: AbortSignal,
  ): Promise<RemoteInference> {
    if (this.end !== undefined) throw this.endedError()
    const held = this.held.get(key)
    if (held === undefined) throw new PresageError('INFERENCE_FAILED', `${key} is not loaded in this worker`)
    const { clock } = this.options
    const began = clock.now()
    const ms = Math.min(longMs, Math.max(1, deadline - began))
    const { names, outputs } = held
    const run = this.call(
      {
        model: names.model,
        version: names.version,
        id: '',
        parameters: { timeout: Math.ceil(ms * 1000), ...this.tell(origin) },
        inputs: Object.entries(tensors).map(([name, tensor]) => wireTensor(names.input(name), tensor)),
        outputs: outputs.map(({ name }) => ({ name: names.output(name), parameters: noParameters })),
      },
      ms,
      origin?.trace,
      signal,
    )
    this.running.add(run)
    try {
      const { response, load } = await run
      return { tensors: checked(key, response, held), computeMs: clock.now() - began, load }
    } catch (error) {
      if (signal?.aborted && this.cancels)
        throw new WorkerLost(`a call to worker ${this.id} (remote) was cancelled`, false)
      throw this.failure(key, error, began)
    } finally {
      this.running.delete(run)
    }
  }

  private get readyUntil(): number {
    return Date.now() + (this.options.readyMs ?? usualReadyMs)
  }

  async readiness(): Promise<Readiness> {
    try {
      return (await this.client.serverReady(this.readyUntil)).ready ? 'ready' : 'not ready'
    } catch (error) {
      return (error as CallError).status === callStatus.unavailable ? 'gone' : 'silent'
    }
  }

  async dispose(): Promise<void> {
    this.end ??= 'it has been ended'
    await Promise.allSettled(this.running)
    // The end of its connection would cancel them.
    if (this.unneeded.size > 0)
      await Promise.race([Promise.allSettled(this.unneeded), delay(unneededMs, undefined, { ref: false })])
    this.client.close()
  }

  /** What a Presage worker has checked itself, of a version with this hash. */
  private async verified(key: string, hash: string | undefined): Promise<VerifiedContent | undefined> {
    if (hash === undefined || !this.isPresage) return undefined
    const now = this.options.clock.now()
    // One index for all versions that are loaded at a time.
    if (this.told === undefined || now - this.told.at > indexMs)
      this.told = { at: now, verified: this.index().then(verifiedIn, () => new Map()) }
    const content = (await this.told.verified).get(key)
    return content?.sha256 === hash ? content : undefined
  }

  /** Finds what the server calls a version, and has it load the version if need be. Rejects if it cannot. */
  private async find(key: string, remote: RemoteNames | undefined, deadline: number): Promise<ServerNames> {
    const errors: unknown[] = []
    for (const names of ServerNames.of(key, remote)) {
      try {
        if (!(await this.isModelReady(names, deadline))) await this.loadThere(names, deadline)
        return names
      } catch (error) {
        if (isLoss(error)) throw error
        errors.push(error)
      }
    }
    const isUnknown = (error: unknown) => error instanceof CallError && error.status === callStatus.notFound
    throw errors.find((error) => !isUnknown(error)) ?? errors[0]
  }

  /** For whom the rows are, for servers that have clients take turns by it. */
  private tell(origin: Origin | undefined): Parameters {
    const client = this.isPresage && origin?.client
    return client ? { [clientParameter]: client } : noParameters
  }

  /** Makes a call that ends after `ms`, or when nobody needs it; how, is as the server can bear it. */
  private call(
    request: InferRequest,
    ms: number,
    trace: TraceContext | undefined,
    signal: AbortSignal | undefined,
  ): Promise<InferAnswer> {
    if (this.cancels) return this.client.infer(request, Date.now() + ms, trace, signal)
    // Its deadline would cancel it too.
    const call = this.client.infer(request, Date.now() + ms + longMs, trace)
    return new Promise((resolve, reject) => {
      let isUnneeded = false
      const stop = this.options.clock.after(ms, () => {
        isUnneeded = true
        this.unneeded.add(call)
        reject(new CallError(callStatus.deadlineExceeded, 'no answer before the deadline'))
      })
      const ended = () => {
        stop()
        if (isUnneeded) this.unneeded.delete(call)
      }
      call.then(resolve, reject).then(ended)
    })
  }

  private async isModelReady({ model, version }: ServerNames, deadline: number): Promise<boolean> {
    try {
      return (await this.client.modelReady(model, version, deadline)).ready
    } catch (error) {
      if (!this.canLoad) throw error
      return false
    }
  }

  /** What the server's repository has. Rejects if it tells no such thing, as without `canLoad`. */
  index(): Promise<ServerIndex> {
    return this.client.index(this.readyUntil)
  }

  get isPresage(): boolean {
    return this.server.name === 'presage'
  }

  /** Of Presage, if the server is a Presage worker. */
  get release(): string | undefined {
    return this.isPresage ? this.server.version : undefined
  }

  /** Whether the server loads versions on request. */
  get canLoad(): boolean {
    return this.server.extensions.some((extension) => extension.startsWith('model_repository'))
  }

  private async loadThere({ text, model, loadable }: ServerNames, deadline: number): Promise<void> {
    if (!this.canLoad || this.options.mayLoad === false)
      throw new Error(`the server is not ready to serve ${text}`)
    const { isPresage } = this
    try {
      // Others load all versions of a model.
      await this.client.loadModel(isPresage ? loadable : model, deadline)
    } catch (error) {
      if (isPresage || this.isLate(error)) throw error
      // KServe calls a model that it cannot load unavailable, which does not mean that the server is.
      throw new Error(`the server cannot load it: ${(error as Error).message}`)
    }
  }

  /** Whether a call found no answer in time. */
  private isLate(error: unknown): boolean {
    return error instanceof CallError && callFailure(this.id, '', error).kind === 'late'
  }

  private failure(key: string, error: unknown, began: number): Error {
    if (!(error instanceof CallError)) return error as Error
    const failure = callFailure(this.id, key, error)
    this.failedEmitter.fire({ ...failure, key, ms: this.options.clock.now() - began })
    if (failure.kind === 'gone') this.lose(failure.reason)
    return failure.error
  }

  private lose(reason: string): void {
    if (this.end !== undefined) return
    this.end = 'its connection ended'
    this.lostEmitter.fire(reason)
  }

  private endedError(): WorkerLost {
    return new WorkerLost(`worker ${this.id} (remote) was lost: ${this.end}`, false)
  }
}

/** By `name@version`. */
type VerifiedVersions = ReadonlyMap<string, VerifiedContent>

function verifiedIn({ versions }: ServerIndex): VerifiedVersions {
  return new Map(
    versions.flatMap(({ name, version, verified }) => (verified ? [[`${name}@${version}`, verified]] : [])),
  )
}

interface HeldVersion {
  readonly names: ServerNames
  readonly isVerified: boolean
  /** To ask for, by our names. */
  readonly outputs: readonly TensorSignature[]
}

/** Whether the server is away, rather than without a version. */
function isLoss(error: unknown): boolean {
  if (!(error instanceof CallError) || error.code !== undefined) return false
  return error.status === callStatus.unavailable || error.status === callStatus.deadlineExceeded
}

/** Checks what another program made before it is used. */
function checked(key: string, response: InferResponse, { names, outputs }: HeldVersion): Tensors {
  const tensors: Record<string, Tensor> = {}
  for (const output of response.outputs) {
    const fault = tensorFault(output)
    if (fault !== undefined)
      throw new PresageError('MODEL_OUTPUT_SHAPE', `${key}: output ${output.name} of the server: ${fault}`)
    const tensor = plainTensor(output)
    const own = names.ownOutput(output.name)
    const rank = outputs.find(({ name }) => name === own)?.shape.length
    tensors[own] = { ...tensor, dims: withRank(tensor.dims, rank) } as Tensor
  }
  return tensors
}

function signatureOf(name: string, { datatype, shape }: TensorMetadata): TensorSignature {
  return { name, type: typeOf(datatype) ?? datatype, shape: shape.map((size) => (size < 0 ? '' : size)) }
}

/** Loads what speaks the protocol. */
function openClient({ address, protocol, tls }: RemoteWorkerOptions): InferenceClient {
  if (protocol === 'http') {
    const { createHttpClient }: typeof import('./httpClient') = require('./httpClient')
    return createHttpClient(address, tls)
  }
  const { createGrpcClient }: typeof import('./grpcClient') = require('./grpcClient')
  return createGrpcClient(address, tls)
}
