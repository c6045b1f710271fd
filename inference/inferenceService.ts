import type { Clock } from '../lib/clock'
import { type ErrorCode, PresageError, show } from '../lib/errors'
import { memoized, memoizedWeakly } from '../lib/memoized'
import type { Caller } from '../lib/request/caller'
import type { ServerTls } from '../lib/tls/serverTls'
import type { ModelRegistry, VersionStatus } from '../serving/repository/modelRegistry'
import type { ModelTensors } from '../workers/protocol/metadata'
import { noParameters } from '../workers/protocol/parameters'
import type { InferRequest, InferResponse } from '../workers/protocol/wireTensor'
import type { Segment } from '../workers/shard'
import type { ModelMemory } from './memory/modelMemory'
import type { RepositoryControl } from './repositoryControl'
import type { InFlight } from './requestCaller'
import { LoadReport } from './statistics/loadReport'
import { type ModelStatistics, VersionStatistics } from './statistics/versionStatistics'
import type { TensorShard, TensorVersion } from './tensors/tensorShard'
import { checkParameters } from './views/checkRequest'
import { rawInput } from './views/rawInput'
import { tensorView } from './views/tensorView'
import type { View, ViewAnswer } from './views/view'
import { workflowView } from './views/workflowView'

export interface ModelMetadata extends ModelTensors {
  readonly name: string
  /** The versions that are ready. */
  readonly versions: readonly string[]
  readonly platform: string
}

export interface InferenceServiceParts {
  readonly registry: ModelRegistry
  readonly repository: RepositoryControl
  readonly memory: Pick<ModelMemory, 'isLoadable' | 'load' | 'begin' | 'end'>
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

/** What a server needs that carries the protocol. */
export interface ListenerOptions {
  readonly service: InferenceService
  readonly inFlight: InFlight
  readonly clock: Clock
  readonly host: string
  readonly port: number
  /** The largest request, in bytes. */
  readonly maxBodyBytes: number
  /** Absent: no TLS. */
  readonly tls?: ServerTls
  /** Takes errors that are bugs. */
  readonly log: (line: string) => void
}

/**
 * A shard's versions by the Open Inference Protocol, whatever carries it. A model `NAME` is the graph of a version,
 * `NAME:workflow` all of it. A request that names no version is for the newest that is ready or can be loaded.
 */
export interface InferenceService {
  isReady(): boolean
  /** Whether it is loaded. Throws `MODEL_NOT_FOUND`. */
  isModelReady(model: string, version: string): boolean
  server(): { readonly name: string; readonly version: string; readonly extensions: readonly string[] }
  readonly repository: RepositoryControl
  /** The load of the process, for the head or end of an answer. */
  readonly load: LoadReport
  /** Of the versions of a model that are ready or were asked, or of one; of all with an empty name. Throws `MODEL_NOT_FOUND`. */
  statistics(model: string, version: string): readonly ModelStatistics[]
  /** Loads the version if need be. Rejects with `MODEL_NOT_FOUND`, `MODEL_NOT_READY`, `OVERLOADED`. */
  metadata(model: string, version: string): Promise<ModelMetadata>
  /**
   * Runs a request, and loads its version first if need be. `deadline` is in the clock's milliseconds, Infinity if the
   * transport has none. Rejects as `metadata` does, with `BAD_REQUEST`, `TOO_MANY_ROWS`, `NOT_SUPPORTED` before the rows cost anything, and with the first error of a row:
   * the protocol knows only answers to all rows.
   */
  infer(request: InferRequest, deadline: number, caller: Caller): Promise<InferResponse>
  dispose(): void
}

export function createInferenceService(parts: InferenceServiceParts): InferenceService {
  const { registry, memory, shard, clock, maxRows, timeoutMs } = parts

  /** By what the shard serves, so that a version that is loaded again gets new ones. */
  const views = {
    graph: memoizedWeakly((served: TensorVersion) => tensorView(shard, served, maxRows)),
    workflow: memoizedWeakly((served: TensorVersion) => workflowView(shard, served, maxRows)),
  }

  /** The version that a request is for: ready, or to be loaded first. */
  function choose(model: string, version: string): VersionStatus {
    const name = nameOf(model, version)
    const one = registry.get(name)
    const all = version === '' ? registry.versionsOf(model) : one === undefined ? [] : [one]
    const isUsable = (status: VersionStatus) => status.state.is === 'ready' || memory.isLoadable(status)
    return all.find(isUsable) ?? registry.find(name, 'platform').status
  }

  /** The same, loaded until `deadline`. A newest version that cannot be loaded leaves requests without a version to others. */
  async function chooseLoaded(model: string, version: string, deadline: number): Promise<VersionStatus> {
    for (;;) {
      const status = choose(model, version)
      if (status.state.is === 'ready') return status
      try {
        await within(memory.load(status.key), deadline, status.key)
      } catch (error) {
        const isRefused = error instanceof PresageError && error.code === 'MODEL_NOT_READY'
        if (version !== '' || !isRefused) throw error
      }
    }
  }

  /** What `promise` resolves with, unless that takes longer than until `deadline`. */
  function within(promise: Promise<void>, deadline: number, key: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const cancel = clock.after(deadline - clock.now(), () =>
        reject(new PresageError('DEADLINE_EXCEEDED', `${key}: was not loaded before the deadline`)),
      )
      promise.then(resolve, reject).finally(cancel)
    })
  }

  function viewOf({ key }: VersionStatus, kind: ViewKind): View {
    const served = shard.version(key)
    if (served === undefined) throw new PresageError('MODEL_NOT_READY', `${key} is not ready`)
    return views[kind](served)
  }

  const statistics = new Map<string, VersionStatistics>()
  const statisticsOf = memoized(() => new VersionStatistics(), statistics)
  const queuedRows = () => shard.status().queues.reduce((sum, { waitingRows }) => sum + waitingRows, 0)
  const lanes = () => Math.max(1, shard.status().workers.filter(({ kind }) => kind !== 'inline').length)
  const load = new LoadReport(clock, queuedRows, lanes)

  return {
    isReady: parts.isReady,
    repository: parts.repository,
    load,
    dispose: () => load.dispose(),
    statistics(model, version) {
      const name = model === '' ? '' : choose(splitName(model)[0], version).name
      return registry
        .list()
        .filter((one) => one.state.is === 'ready' || statistics.has(one.key))
        .filter((one) => name === '' || one.name === name)
        .filter((one) => version === '' || one.version === version)
        .map((one) => statisticsOf(one.key).read(one.name, one.version))
    },
    isModelReady(model, version) {
      try {
        registry.find(nameOf(splitName(model)[0], version), 'platform')
        return true
      } catch (error) {
        if (error instanceof PresageError && error.code === 'MODEL_NOT_READY') return false
        throw error
      }
    },
    server: () => ({ name: 'presage', version: parts.version, extensions }),
    async metadata(name, version) {
      const [model, kind] = splitName(name)
      const status = await chooseLoaded(model, version, clock.now() + timeoutMs)
      const view = viewOf(status, kind)
      return {
        name,
        versions: registry
          .versionsOf(model)
          .filter((one) => one.state.is === 'ready' || memory.isLoadable(one))
          .map((one) => one.version)
          .reverse(),
        platform: view.platform,
        inputs: view.inputs,
        outputs: view.outputs,
      }
    },
    async infer(request, deadline, caller) {
      const [model, kind] = splitName(request.model)
      let status = choose(model, request.version)
      const began = clock.now()
      const own = Math.min(deadline, ownDeadline(request, began))
      const end = own === Number.POSITIVE_INFINITY ? began + timeoutMs : own
      if (status.state.is !== 'ready') status = await chooseLoaded(model, request.version, end)
      const counts = statisticsOf(status.key)
      const held = memory.begin(status.key)
      let answer: ViewAnswer
      try {
        checkParameters(request)
        const view = viewOf(status, kind)
        const { raw } = request
        const asked = raw === undefined ? request : { ...request, inputs: [rawInput(view.inputs, raw)] }
        answer = await view.infer(asked, end, caller)
      } catch (error) {
        counts.failed(clock.now() - began)
        load.count(true)
        // Refused for want of time or room, it would have waited longer than it can.
        if (error instanceof PresageError && isShortage(error.code))
          load.uses.count(status.key, end - began, 0)
        throw error
      } finally {
        memory.end(held)
      }
      counts.succeeded(answer.segments, clock.now() - began)
      load.count(false)
      load.uses.count(status.key, ...costOf(answer.segments))
      const { id } = request
      return {
        model: request.model,
        version: status.version,
        id,
        parameters: noParameters,
        outputs: answer.outputs,
      }
    },
  }
}

function isShortage(code: ErrorCode): boolean {
  return code === 'DEADLINE_EXCEEDED' || code === 'OVERLOADED'
}

/** How long its rows waited, and their part of the time of the runs that they were in. */
function costOf(segments: readonly Segment[]): [waitMs: number, busyMs: number] {
  let waitMs = 0
  let busyMs = 0
  for (const segment of segments) {
    if (segment.error !== undefined) continue
    const { rows, queueMs, run } = segment
    waitMs = Math.max(waitMs, queueMs)
    // A request that is not joined with others is one row of its run, however many it has.
    busyMs += run.computeMs * Math.min(1, rows / run.rows)
  }
  return [waitMs, busyMs]
}

/** Only what the server does. */
const extensions: readonly string[] = [
  'binary_tensor_data',
  'model_repository',
  'parameters',
  'schedule_policy',
  'statistics',
]

/** What follows the name of a model whose whole workflow is meant. */
const workflowEnding = ':workflow'

type ViewKind = 'graph' | 'workflow'

function splitName(name: string): readonly [model: string, kind: ViewKind] {
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
