import type { Clock } from '../lib/clock'
import { PresageError, show } from '../lib/errors'
import type { Caller } from '../lib/request/caller'
import type { TensorSignature, Tensors } from '../models/types/tensor'
import type { ModelRegistry, VersionStatus } from '../serving/repository/modelRegistry'
import { datatypeOf } from '../workers/protocol/datatypes'
import { noParameters } from '../workers/protocol/parameters'
import { type InferRequest, type InferResponse, wireTensor } from '../workers/protocol/wireTensor'
import type { Segment } from '../workers/shard'
import { checkInputs, checkOutputs, checkParameters } from './checkRequest'
import { joinedOutputs } from './joinedOutputs'
import type { RepositoryControl } from './repositoryControl'
import { LoadReport } from './statistics/loadReport'
import { type ModelStatistics, VersionStatistics } from './statistics/versionStatistics'
import { rowSource } from './tensors/rowSource'
import type { TensorShard, TensorVersion } from './tensors/tensorShard'

export interface TensorMetadata {
  readonly name: string
  readonly datatype: string
  /** -1: any size. */
  readonly shape: readonly number[]
}

export interface ModelMetadata {
  readonly name: string
  /** The versions that are ready. */
  readonly versions: readonly string[]
  readonly platform: string
  readonly inputs: readonly TensorMetadata[]
  readonly outputs: readonly TensorMetadata[]
}

export interface InferenceServiceParts {
  readonly registry: ModelRegistry
  readonly repository: RepositoryControl
  readonly shard: TensorShard
  readonly clock: Clock
  /** The most rows of a request. */
  readonly maxRows: number
  /** How long a request may take that sets no limit of its own, in milliseconds. */
  readonly timeoutMs: number
  /** Whether the server takes requests, and every version that it should serve is ready. */
  readonly isReady: () => boolean
  /** The version of this package. */
  readonly version: string
}

/**
 * The tensors of a shard's versions by the Open Inference Protocol, whatever carries it. A request that names no version
 * is for the newest that is ready.
 */
export interface InferenceService {
  isReady(): boolean
  /** Throws `MODEL_NOT_FOUND`. */
  isModelReady(model: string, version: string): boolean
  server(): { readonly name: string; readonly version: string; readonly extensions: readonly string[] }
  readonly repository: RepositoryControl
  /** The load of the process, for the head or end of an answer. */
  readonly load: LoadReport
  /** Of the ready versions of a model, or of one; of all with an empty name. Throws `MODEL_NOT_FOUND`. */
  statistics(model: string, version: string): readonly ModelStatistics[]
  /** Throws `MODEL_NOT_FOUND`, `MODEL_NOT_READY`. */
  metadata(model: string, version: string): ModelMetadata
  /**
   * Runs a request. `deadline` is in the clock's milliseconds, Infinity if the transport has none. Rejects with
   * `BAD_REQUEST`, `TOO_MANY_ROWS`, `NOT_SUPPORTED` before the rows cost anything, and with the first error of a row:
   * the protocol knows only answers to all rows.
   */
  infer(request: InferRequest, deadline: number, caller: Caller): Promise<InferResponse>
  dispose(): void
}

export function createInferenceService(parts: InferenceServiceParts): InferenceService {
  const { registry, shard, clock, maxRows, timeoutMs } = parts

  function find(model: string, version: string): { status: VersionStatus; served: TensorVersion } {
    const { status } = registry.find(nameOf(model, version), 'platform')
    const served = shard.version(status.key)
    if (served === undefined) throw new PresageError('MODEL_NOT_READY', `${status.key} is not ready`)
    return { status, served }
  }

  /** The wanted outputs, and the segments that they came in. */
  async function run(
    request: InferRequest,
    key: string,
    { signature, joins, model }: TensorVersion,
    deadline: number,
    caller: Caller,
  ): Promise<Answered> {
    checkParameters(request)
    const most = joins ? maxRows : Math.min(maxRows, model.manifest.batching.maxRows)
    checkInputs(request.inputs, signature.inputs, most)
    const wanted = checkOutputs(request.outputs, signature.outputs)
    const end = Math.min(deadline, ownDeadline(request, clock.now()))
    const segments = await shard.submitTensors(key, rowSource(request.inputs), {
      deadline: end === Number.POSITIVE_INFINITY ? clock.now() + timeoutMs : end,
      caller,
    })
    return { segments, wanted, tensors: joinedOutputs(segments, wanted) }
  }

  const statistics = new Map<string, VersionStatistics>()
  const statisticsOf = (key: string): VersionStatistics => {
    let own = statistics.get(key)
    if (own === undefined) {
      own = new VersionStatistics()
      statistics.set(key, own)
    }
    return own
  }
  const queuedRows = () => shard.status().queues.reduce((sum, { waitingRows }) => sum + waitingRows, 0)
  const load = new LoadReport(clock, queuedRows)

  return {
    isReady: parts.isReady,
    repository: parts.repository,
    load,
    dispose: () => load.dispose(),
    statistics(model, version) {
      if (model !== '') find(model, version)
      return registry
        .list()
        .filter(({ name, state }) => state.is === 'ready' && (model === '' || name === model))
        .filter((one) => version === '' || one.version === version)
        .map((one) => statisticsOf(one.key).read(one.name, one.version))
    },
    isModelReady(model, version) {
      try {
        find(model, version)
        return true
      } catch (error) {
        if (error instanceof PresageError && error.code === 'MODEL_NOT_READY') return false
        throw error
      }
    },
    server: () => ({ name: 'presage', version: parts.version, extensions }),
    metadata(model, version) {
      const { status, served } = find(model, version)
      const { inputs, outputs } = served.signature
      return {
        name: status.name,
        versions: registry
          .list()
          .filter(({ name, state }) => name === status.name && state.is === 'ready')
          .map((one) => one.version),
        platform: 'onnx_onnxv1',
        inputs: inputs.map(tensorMetadata),
        outputs: outputs.map(tensorMetadata),
      }
    },
    async infer(request, deadline, caller) {
      const { status, served } = find(request.model, request.version)
      const own = statisticsOf(status.key)
      const began = clock.now()
      let answered: Answered
      try {
        answered = await run(request, status.key, served, deadline, caller)
        own.succeeded(answered.segments, clock.now() - began)
        load.count(false)
      } catch (error) {
        own.failed(clock.now() - began)
        load.count(true)
        throw error
      }
      const { wanted, tensors } = answered
      return {
        model: status.name,
        version: status.version,
        id: request.id,
        parameters: noParameters,
        outputs: wanted.map((name) => wireTensor(name, tensors[name])),
      }
    },
  }
}

interface Answered {
  readonly segments: readonly Segment[]
  readonly wanted: readonly string[]
  readonly tensors: Tensors
}

/** Only what the server does. */
const extensions: readonly string[] = [
  'binary_tensor_data',
  'model_repository',
  'parameters',
  'schedule_policy(timeout)',
  'statistics',
]

function nameOf(model: string, version: string): string {
  if (model === '' || model.includes('@'))
    throw new PresageError('MODEL_NOT_FOUND', `model: must be the name of a model, got ${show(model)}`)
  return version === '' ? model : `${model}@${version}`
}

/** By the parameter `timeout`, which is in microseconds; 0 is none. */
function ownDeadline({ parameters }: InferRequest, now: number): number {
  const timeout = Number(parameters['timeout'] ?? 0)
  return timeout > 0 ? now + timeout / 1000 : Number.POSITIVE_INFINITY
}

function tensorMetadata({ name, type, shape }: TensorSignature): TensorMetadata {
  return {
    name,
    datatype: datatypeOf(type),
    shape: shape.map((size) => (typeof size === 'number' ? size : -1)),
  }
}
