import { type Clock, systemClock } from '../lib/clock'
import type { Column } from '../lib/column'
import { type ErrorCode, PresageError } from '../lib/errors'
import { Emitter, type Event } from '../lib/events'
import { invariant } from '../lib/invariant'
import { type Metrics, noMetrics } from '../lib/metrics'
import type { Caller } from '../lib/request/caller'
import type { Model } from '../models/contracts/model'
import type { GraphSignature } from '../models/types/tensor'
import type { BatchRun, Segment } from './batching/batch'
import { Batcher } from './batching/batcher'
import { Dispatcher } from './batching/dispatcher'
import type { Runner } from './batching/execution'
import { modelMetrics } from './batching/modelMetrics'
import { HedgeBudget, InlineChoice } from './batching/schedule'
import { Excesses, withinMs } from './excesses'
import { InlineSeat, InlineWorker } from './inline/inlineSeat'
import type { MemberSource } from './members/memberSource'
import { staticMembers } from './members/staticMembers'
import { Pool } from './pool/pool'
import type { WorkerStatus } from './pool/seat'
import { type StartWorker, starters, type WorkerKind } from './pool/startWorker'
import type { WarmUpBatch } from './pool/warmUp'
import type { LoadOptions, RemoteSide, WorkerPool } from './pool/workerPool'
import type { RemotePoolOptions } from './remote/remotePool'
import type { GraphOptions } from './runtime/graphFiles'
import type { VersionFault, Worker } from './runtime/worker'

export type { BatchRun, Segment, WorkerStatus }

export interface ShardOptions {
  readonly name: string
  readonly kind: WorkerKind
  readonly workers: number
  /** Servers elsewhere, instead of workers on this machine; `kind`, `workers` and `inline` then mean nothing. */
  readonly remote?: RemoteServers
  /** Whether workers after the first start only when rows wait for them, as in `PoolOptions`. */
  readonly onDemand?: boolean
  /** How many rows may wait per model; default 8 times the model's `maxRows`, but at least 50,000. */
  readonly maxQueueRows?: number
  /** How long a call may take before a process is killed or a thread is taken out of service; default 2 s. */
  readonly stallAfterMs?: number
  /** How much memory a worker process may take; default unlimited. */
  readonly memoryBytes?: number
  readonly clock?: Clock
  readonly metrics?: Metrics
  readonly log?: (line: string) => void
  /**
   * With `auto`, the default, short runs are made on this thread if the shard's workers are threads. With worker
   * processes, which were chosen for isolation, nothing runs on this thread.
   */
  readonly inline?: 'auto' | 'never'
  /**
   * Whether versions load and leave all the time. Those that load on demand do so in the first worker, beside the others;
   * they get a session on this thread only once they have run often, since opening one keeps this thread from answering;
   * and they are unloaded without replacing the workers, which leaks a few kilobytes each.
   */
  readonly loadsOften?: boolean
  /** Starts a worker; default by `kind`. */
  readonly start?: StartWorker
  readonly startInline?: (id: string) => Worker
}

/** By default `protocol` is HTTP and `calls` is 8. */
export interface RemoteServers
  extends Partial<Pick<RemotePoolOptions, 'protocol' | 'tls' | 'connect' | 'calls' | 'copies' | 'cancel'>> {
  /** Servers of the Open Inference Protocol: their addresses, `host:port`, or what tells them; closed with the shard. */
  readonly endpoints: readonly string[] | MemberSource
}

/** A named group of workers with its own capacity, and the queues in front of them. */
export interface Shard {
  readonly name: string
  /** Fires when a version takes too much memory, or its runs do not end. It gets no more rows; the listener should unload it. */
  readonly unfit: Event<UnfitVersion>
  /**
   * Loads a version into its workers and returns its graph's signature. Rejects with a message if the runtime refuses
   * the graph; then no worker takes rows for it.
   */
  load(key: string, graphPath: string, options?: LoadOptions): Promise<GraphSignature>
  /**
   * Runs these batches on every worker that holds a loaded version, and on every later replacement before it takes
   * rows. If the version's runs are short, it also gets a session on this thread. With `gently`, some worker stays
   * available for rows of other versions. Rejects with INFERENCE_FAILED if the runtime refuses a batch, and as the
   * batch's `check` throws.
   */
  warm(key: string, warmUp: readonly WarmUpBatch[], options?: { gently?: boolean }): Promise<void>
  /** Opens the queue of a loaded version. */
  serve(model: Model): void
  /** Only of servers elsewhere: a served version gets rows once it has passed `verify`. */
  readonly remote?: Pick<RemoteSide, 'joined' | 'verify' | 'wake'>
  /**
   * Infers validated rows; `columns` are the model's features in their order. Resolves, at the latest at `deadline`
   * (the clock's milliseconds), with segments in order that together cover the rows. Rows that failed are segments with
   * an error: DEADLINE_EXCEEDED, CANCELLED, WORKER_LOST, INFERENCE_FAILED, MODEL_OUTPUT_SHAPE.
   *
   * Rejects, with nothing queued: MODEL_NOT_READY for a version that is not served, OVERLOADED if the queue is full,
   * SHUTTING_DOWN after `dispose`.
   */
  submit(
    key: string,
    columns: readonly Column[],
    rows: number,
    options: SubmitOptions,
  ): Promise<readonly Segment[]>
  /** Whether a version may have spare rows: a worker that holds it is idle, and nothing waits on this shard. */
  hasSpare(key: string): boolean
  /**
   * Takes no more rows for a version, answers those in flight, then drops its sessions. Resolves when their memory is
   * freed: workers that held one are replaced, one after the other, each by one that holds all its other versions
   * before it takes over. Several versions that are unloaded within a second share one such round. With `loadsOften` the
   * workers stay and release their sessions. The version may be loaded again later.
   */
  unload(key: string): Promise<void>
  /** How many sessions there are of a version. */
  copies(key: string): number
  status(): { workers: WorkerStatus[]; queues: QueueStatus[] }
  /** Takes no more rows, answers those in flight, then ends the workers. */
  dispose(): Promise<void>
}

export interface UnfitVersion {
  readonly key: string
  /** One sentence. */
  readonly reason: string
  /** Resolves when it may be fit again. */
  readonly over?: Promise<unknown> | undefined
}

export interface SubmitOptions {
  readonly deadline: number
  /** 1 is the highest; default 2. Counts among the waiting rows of one client for one version. */
  readonly priority?: number | undefined
  readonly caller?: Caller
  /**
   * Whether nobody waits for these rows. Then they run after all others of the shard, are not joined with them, never
   * run on the HTTP thread, and do not count in the version's metrics.
   */
  readonly isSpare?: boolean
}

export interface QueueStatus {
  /** `name@version` */
  readonly key: string
  readonly waitingRows: number
}

/** Starts the workers. If one cannot start, stops the others and rejects. */
export async function createShard(options: ShardOptions): Promise<Shard> {
  const {
    name,
    kind,
    workers,
    onDemand,
    loadsOften = false,
    clock = systemClock,
    metrics = noMetrics,
    log = () => {},
  } = options
  const unfit = new Emitter<UnfitVersion>()
  const excesses = new Excesses(clock)
  const hangs = new Excesses(clock)
  const pool = await openPool()
  const batchers = new Map<string, Batcher>()
  const spares = new Map<string, Batcher>()
  const dispatcher = new Dispatcher(runnerFor, clock)
  const budget = hedgeBudget()
  const { startInline = (id: string) => new InlineWorker(id) } = options
  const isInline = options.remote === undefined && kind === 'thread' && options.inline !== 'never'
  const inline = isInline ? new InlineSeat(startInline(`${name}-inline`), dispatcher.freed) : undefined
  const versions = new Map<string, LoadedVersion>()
  /** Versions that take no more rows but still have some to answer. */
  const leaving = new Map<string, Promise<void>>()
  let disposing: Promise<void> | undefined
  /** Sessions on this thread are opened one after the other. */
  let admitting: Promise<void> = Promise.resolve()
  pool.freed(dispatcher.freed)

  /** Of threads none stands still alone: what is slow there is slow by its rows, which would hold a second one too. */
  function hedgeBudget(): HedgeBudget {
    if (options.remote !== undefined) return new HedgeBudget(10, 0.05, true)
    return kind === 'process' ? new HedgeBudget() : new HedgeBudget(0)
  }

  async function openPool(): Promise<WorkerPool> {
    if (options.remote !== undefined) {
      // Loaded lazily, since most deployments have none.
      const { RemotePool }: typeof import('./remote/remotePool') = require('./remote/remotePool')
      const { endpoints, protocol = 'http', calls = 8, ...remote } = options.remote
      const members = 'changed' in endpoints ? endpoints : staticMembers(endpoints)
      return new RemotePool({ ...remote, name, members, protocol, calls, clock, metrics, log })
    }
    const { stallAfterMs = 2_000, memoryBytes } = options
    const start = options.start ?? ((id) => starters[kind](id, { stallAfterMs, clock, memoryBytes }))
    const faults = { exceeded, hung }
    return Pool.open({ name, kind, workers, onDemand, loadsOften, start, clock, metrics, ...faults, log })
  }

  function runnerFor(batcher: Batcher): Runner | undefined {
    const { choice, key } = batcher
    const isDear = choice.isHeld && choice.isDear(batcher.nextRows(false))
    // Rows of a client that crowds this thread run on another one, or wait for it.
    if (isDear && batcher.isNextCrowding && nobodyFor(batcher) === undefined) {
      const seat = pool.idle(key)
      if (seat !== undefined) return seat
      if (!batcher.favourOthers()) {
        pool.want(batcher)
        return undefined
      }
    }
    if (!batcher.isSpare && inline?.takes(choice, batcher.nextRows(true))) return inline
    if (loadsOften && inline && !batcher.isSpare) admitOften(key)
    const seat = pool.idle(key, batcher.nextAvoids()) ?? nobodyFor(batcher)
    if (seat === undefined && !batcher.isSpare) pool.want(batcher)
    return seat
  }

  /** What refuses the next rows, if everything that could run them is known to be away. */
  function nobodyFor(batcher: Batcher): Runner | undefined {
    return pool.away(batcher.key, batcher.nextSince(), batcher.nextDeadline())
  }

  async function admit(version: LoadedVersion): Promise<void> {
    const { key, choice, warmUp } = version
    version.isTried = true
    await inline!.admit(version, choice, warmUp).catch((error: Error) => {
      if (!disposing) log(`shard ${name}: ${key} stays on the threads: ${error.message}`)
    })
    // It was unloaded meanwhile.
    if (versions.get(key) !== version) inline!.drop(key, choice)
  }

  /** Gives a version that runs often a session on this thread. */
  function admitOften(key: string): void {
    const version = versions.get(key)
    if (version === undefined || version.isTried || version.choice.runs < oftenRuns) return
    admitting = admitting.then(() => (versions.get(key) === version ? admit(version) : undefined))
  }

  /** A version that made two workers exceed their memory must not cost a third. */
  function exceeded({ key, sentence }: VersionFault): void {
    if (excesses.isTooMany(key))
      takeOut(key, `memory: two workers exceeded their limit within a short time; ${sentence}`)
  }

  /**
   * A version that never comes back must not cost every worker. One that was merely slow, as on a busy machine, does; but
   * one whose rows often take long would cost workers again and again.
   */
  function hung(key: string, back: Promise<unknown>): void {
    const what = 'runs: two workers have not come back from it'
    if (hangs.isTooMany(key)) {
      const over = back.then(() => new Promise<void>((resolve) => clock.after(withinMs, resolve)))
      takeOut(key, `${what}, as before; it is tried again ten minutes after they have`, over)
    } else takeOut(key, `${what}; it is tried again once they have`, back)
  }

  function takeOut(key: string, reason: string, over?: Promise<unknown>): void {
    const error = new PresageError('MODEL_NOT_READY', `${key} is not ready: it is not fit to serve`, {
      model: key,
    })
    batchers.get(key)?.refuse(error)
    spares.get(key)?.refuse(error)
    unfit.fire({ key, reason, over })
  }

  function openQueue(model: Model, { key, choice }: LoadedVersion, isSpare: boolean): Batcher {
    const { manifest } = model
    const labels = { model: manifest.name, version: manifest.version, shard: name }
    const batcher = new Batcher({
      model,
      clock,
      maxQueueRows: options.maxQueueRows ?? Math.max(8 * manifest.batching.maxRows, 50_000),
      budget: isSpare ? new HedgeBudget(0) : budget,
      // The times of spare runs must not influence whether the version runs inline.
      choice: isSpare ? new InlineChoice() : choice,
      workers: () => pool.holders(key),
      metrics: (queuedRows) => modelMetrics(isSpare ? noMetrics : metrics, labels, queuedRows),
      wake: dispatcher.wake,
      isSpare,
    })
    dispatcher.add(batcher)
    return batcher
  }

  async function drained(batcher: Batcher | undefined): Promise<void> {
    if (batcher === undefined) return
    await batcher.drain()
    dispatcher.remove(batcher)
    batcher.dispose()
  }

  return {
    name,
    unfit: unfit.event,
    remote: pool.remote,
    async load(key, graphPath, loadOptions) {
      await leaving.get(key)
      const signature = await pool.load(key, graphPath, loadOptions)
      const choice = new InlineChoice()
      versions.set(key, { key, graphPath, graph: loadOptions, choice, warmUp: [], isTried: false })
      return signature
    },
    async warm(key, warmUp, { gently = false } = {}) {
      const version = versions.get(key)
      invariant(version, `${key} is warmed before it is loaded`)
      // Those that load often learn their times from requests: loads should be short.
      const measured =
        inline && !loadsOften ? (rows: number, ms: number) => version.choice.observe(rows, ms) : undefined
      await pool.warm(key, warmUp, { measured, gently })
      version.warmUp = warmUp
      if (inline && !loadsOften) await admit(version)
    },
    serve(model) {
      const { key } = model
      const version = versions.get(key)
      invariant(version, `${key} is served before it is loaded`)
      invariant(!batchers.has(key), `${key} is served twice`)
      batchers.set(key, openQueue(model, version, false))
      spares.set(key, openQueue(model, version, true))
    },
    submit(key, columns, rows, submitOptions) {
      if (disposing) return refuse('SHUTTING_DOWN', `shard ${name} is shutting down`)
      const batcher = (submitOptions.isSpare ? spares : batchers).get(key)
      if (!batcher) return refuse('MODEL_NOT_READY', `${key} is not served on shard ${name}`)
      return batcher.submit(columns, rows, submitOptions)
    },
    hasSpare(key) {
      if (disposing || pool.idle(key) === undefined || !batchers.has(key)) return false
      for (const batcher of batchers.values()) if (batcher.hasWork) return false
      return true
    },
    async unload(key) {
      const version = versions.get(key)
      const leftover = [batchers.get(key), spares.get(key)]
      versions.delete(key)
      batchers.delete(key)
      spares.delete(key)
      const left = Promise.all(leftover.map(drained)).then(() => {})
      leaving.set(key, left)
      await left
      leaving.delete(key)
      if (disposing) return
      if (version) inline?.drop(key, version.choice)
      await pool.unload(key)
    },
    copies: (key) => pool.holders(key) + Number(versions.get(key)?.choice.isHeld ?? false),
    status: () => ({
      workers: [...pool.status(), ...(inline?.status() ?? [])],
      queues: [...batchers.values()].map((batcher) => batcher.status()),
    }),
    dispose() {
      const queues = [...batchers.values(), ...spares.values()]
      disposing ??= Promise.all([...queues.map(drained), ...leaving.values()]).then(async () => {
        await inline?.dispose()
        await pool.dispose()
      })
      return disposing
    },
  }
}

interface LoadedVersion {
  readonly key: string
  readonly graphPath: string
  readonly graph?: GraphOptions
  readonly choice: InlineChoice
  warmUp: readonly WarmUpBatch[]
  /** Whether it was offered a session on this thread. */
  isTried: boolean
}

/** A version that has run so often is worth a session on this thread. */
const oftenRuns = 100

function refuse(code: ErrorCode, message: string): Promise<never> {
  return Promise.reject(new PresageError(code, message))
}
