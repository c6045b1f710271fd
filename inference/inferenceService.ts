import type { Clock } from '../lib/clock'
import { PresageError, show } from '../lib/errors'
import type { Caller } from '../lib/request/caller'
import type { ModelRegistry, VersionStatus } from '../serving/repository/modelRegistry'
import { noParameters } from '../workers/protocol/parameters'
import type { InferRequest, InferResponse } from '../workers/protocol/wireTensor'
import type { RepositoryControl } from './repositoryControl'
import { LoadReport } from './statistics/loadReport'
import { type ModelStatistics, VersionStatistics } from './statistics/versionStatistics'
import type { TensorShard, TensorVersion } from './tensors/tensorShard'
import { checkParameters } from './views/checkRequest'
import { tensorView } from './views/tensorView'
import type { TensorMetadata, View, ViewAnswer } from './views/view'
import { workflowView } from './views/workflowView'

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
 * A shard's versions by the Open Inference Protocol, whatever carries it. A model `NAME` is the graph of a version,
 * `NAME:workflow` all of it. A request that names no version is for the newest that is ready.
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

  /** By what the shard serves, so that a version that is loaded again gets new ones. */
  const views = { graph: new WeakMap<TensorVersion, View>(), workflow: new WeakMap<TensorVersion, View>() }
  const createView = { graph: tensorView, workflow: workflowView }

  function find(name: string, version: string): { status: VersionStatus; view: View; model: string } {
    const [model, kind] = splitName(name)
    const { status } = registry.find(nameOf(model, version), 'platform')
    const served = shard.version(status.key)
    if (served === undefined) throw new PresageError('MODEL_NOT_READY', `${status.key} is not ready`)
    let view = views[kind].get(served)
    if (view === undefined) {
      view = createView[kind](shard, served, maxRows)
      views[kind].set(served, view)
    }
    return { status, view, model: name }
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
      const name = model === '' ? '' : find(model, version).status.name
      return registry
        .list()
        .filter((one) => one.state.is === 'ready' && (name === '' || one.name === name))
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
    metadata(name, version) {
      const { status, view, model } = find(name, version)
      return {
        name: model,
        versions: registry
          .list()
          .filter((one) => one.name === status.name && one.state.is === 'ready')
          .map((one) => one.version),
        platform: view.platform,
        inputs: view.inputs,
        outputs: view.outputs,
      }
    },
    async infer(request, deadline, caller) {
      const { status, view, model } = find(request.model, request.version)
      const own = statisticsOf(status.key)
      const began = clock.now()
      let answer: ViewAnswer
      try {
        checkParameters(request)
        const end = Math.min(deadline, ownDeadline(request, began))
        answer = await view.infer(request, end === Number.POSITIVE_INFINITY ? began + timeoutMs : end, caller)
      } catch (error) {
        own.failed(clock.now() - began)
        load.count(true)
        throw error
      }
      own.succeeded(answer.segments, clock.now() - began)
      load.count(false)
      const { id } = request
      return { model, version: status.version, id, parameters: noParameters, outputs: answer.outputs }
    },
  }
}

/** Only what the server does. */
const extensions: readonly string[] = [
  'binary_tensor_data',
  'model_repository',
  'parameters',
  'schedule_policy(timeout)',
  'statistics',
]

/** What follows the name of a model whose whole workflow is meant. */
const workflowEnding = ':workflow'

function splitName(name: string): readonly [model: string, kind: 'graph' | 'workflow'] {
  return name.endsWith(workflowEnding) ? [name.slice(0, -workflowEnding.length), 'workflow'] : [name, 'graph']
}

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
