import type { Clock } from '../../lib/clock'
import { LoadError, PresageError } from '../../lib/errors'
import { inUnits } from '../../lib/files/byteSize'
import { memoized } from '../../lib/memoized'
import type { Counter, Metrics } from '../../lib/metrics'
import type { Manifest } from '../../models/contracts/manifest'
import type { FoundVersion, RepositoryVersion } from '../../models/repository/repository'
import type { ModelLibrary } from '../../serving/repository/modelLibrary'
import type { ModelRegistry, VersionStatus } from '../../serving/repository/modelRegistry'
import { graphMemory, mostGraphMemory } from '../../workers/runtime/graphMemory'
import { LoadQueue } from './loadQueue'

export interface ModelMemoryOptions {
  readonly registry: ModelRegistry
  readonly repository: { get(key: string): RepositoryVersion | undefined }
  readonly library: () => Pick<ModelLibrary, 'ensureLoaded' | 'putOut'>
  /** How many sessions there are of a version, and of one that has just been loaded. */
  readonly copies: (key: string) => number
  readonly firstCopies: number
  /** How much memory the versions may take together, in bytes. */
  readonly budget: number
  readonly clock: Clock
  readonly metrics: Metrics
  /** Takes lines for operators. */
  readonly log: (line: string) => void
}

/** A version in memory. */
export interface Held {
  readonly key: string
  /** The requests that use it, and when the last one came, in the clock's milliseconds. */
  requests: number
  usedAt: number
}

/**
 * Keeps the versions of a shard within a budget of memory. One that is asked and not in memory is loaded, beside those
 * that answer, and the least recently used make room for it:
 *
 *     on demand ──asked──> loading ──> held ──least recently used, and no request uses it──> on demand
 *                             └──────> refused: tried again on request, or if it worked before after a while
 */
export class ModelMemory {
  private readonly held = new Map<string, Held>()
  private readonly hold = memoized(
    (key: string): Held => ({ key, requests: 0, usedAt: this.options.clock.now() }),
    this.held,
  )
  /** Estimates of one session, by the SHA-256 of its graph. */
  private readonly sizes = new Map<string, number>()
  /** Versions that come are measured one after the other: all graphs at once may be more than the budget. */
  private measuring: Promise<unknown> = Promise.resolve()
  private readonly queue: LoadQueue
  /** When to try versions again that worked before. */
  private readonly retryAt = new Map<string, number>()
  private roomMaker = () => {}
  private readonly loads: Counter
  private readonly evictions: Counter

  constructor(private readonly options: ModelMemoryOptions) {
    this.queue = new LoadQueue((key) => this.loadNow(key))
    const { metrics } = options
    metrics.gauge(
      'presage_model_memory_bytes',
      'Estimated memory of the loaded versions',
      {},
      () => this.survey().bytes,
    )
    metrics.gauge('presage_loaded_versions', 'Loaded versions', {}, () => this.held.size)
    this.loads = metrics.counter(
      'presage_model_loads_total',
      'Versions that were loaded because they were asked',
    )
    this.evictions = metrics.counter('presage_model_evictions_total', 'Versions that made room for others')
  }

  /**
   * Chooses the versions to load at the start: in this order, as many as fit. Call it once, before anything is loaded.
   * `isDeferred` tells the others. Those that will never fit are logged.
   */
  async fill(versions: readonly RepositoryVersion[]): Promise<void> {
    // One after the other: all graphs at once may be more than the budget.
    for (const version of versions) {
      if (version.state !== 'found') continue
      const excess = this.excessOf(await this.measure(version))
      if (excess !== undefined) this.options.log(`${version.key} is not ready: ${excess}`)
      this.takeIfFits(version)
    }
  }

  /** Whether to load a version only once it is asked; one that comes is loaded at once if there is room. */
  readonly isDeferred = (version: RepositoryVersion): boolean => {
    const { key } = version
    if (this.held.has(key)) return false
    // Until then the most that it may take counts.
    if (version.state === 'found') this.measuring = this.measuring.then(() => this.measure(version))
    return !this.takeIfFits(version)
  }

  /** Whether a version that is not ready is loaded when it is asked. */
  isLoadable({ key, state }: VersionStatus): boolean {
    if (this.queue.has(key)) return true
    if (state.is === 'unloaded') return state.onDemand === true
    return (
      state.is === 'refused' &&
      (this.retryAt.get(key) ?? Number.POSITIVE_INFINITY) <= this.options.clock.now()
    )
  }

  /**
   * Resolves when a version is ready. Requests for one version share its load. Rejects with MODEL_NOT_FOUND,
   * MODEL_NOT_READY, or with OVERLOADED if too many requests wait for loads.
   */
  load(key: string): Promise<void> {
    return this.queue.load(key)
  }

  /** Resolves when nobody waits for a version to be loaded. Requests do not have it tried again, if it was refused. */
  async leave(key: string): Promise<void> {
    await this.queue.settled(key)
    this.retryAt.delete(key)
  }

  /** Marks a ready version as used by a request, so that it stays until `end`. */
  begin(key: string): Held {
    const held = this.hold(key)
    held.requests++
    held.usedAt = this.options.clock.now()
    return held
  }

  end(held: Held): void {
    if (--held.requests === 0) this.roomMaker()
  }

  /** Resolves when the requests have ended that use a version now. */
  async unused(key: string): Promise<void> {
    const held = this.held.get(key)
    while (held !== undefined && held.requests > 0) await this.someEnd()
  }

  private async loadNow(key: string): Promise<void> {
    const { registry, repository, clock, log } = this.options
    const library = this.options.library()
    const wasReady = registry.isPublished(key)
    const version = repository.get(key)
    try {
      if (version?.state === 'found') await this.makeRoomFor(version)
      await library.ensureLoaded(key)
      this.hold(key)
      this.retryAt.delete(key)
      this.loads.inc()
    } catch (error) {
      if (!(error instanceof LoadError)) throw error
      log(error.message)
      if (wasReady) this.retryAt.set(key, clock.now() + retryAfterMs)
      throw new PresageError('MODEL_NOT_READY', error.message, { model: key })
    }
  }

  private async makeRoomFor(version: FoundVersion): Promise<void> {
    const { registry, budget, firstCopies } = this.options
    const { key, name } = version
    const isReady = () => registry.get(key)?.state.is === 'ready'
    if (isReady()) return
    const size = await this.measure(version)
    const needed = size * firstCopies
    const reason = this.excessOf(size)
    if (reason !== undefined) {
      const shards = registry.get(key)?.shards ?? []
      registry.set({ key, name, version: version.version, shards, state: { is: 'refused', reason } })
      throw new LoadError([`${key} is not ready: ${reason}`])
    }
    // One that has just come, and loads already, counts among those that are held.
    while (!isReady()) {
      const { bytes, leastUsed } = this.survey()
      if (bytes + (this.held.has(key) ? 0 : needed) <= budget) return
      if (leastUsed === undefined) await this.someEnd()
      else {
        this.held.delete(leastUsed.key)
        this.evictions.inc()
        await this.options.library().putOut(leastUsed.key)
      }
    }
  }

  /** Why a version of this size never fits, whatever makes room for it; undefined if it does. */
  private excessOf(size: number): string | undefined {
    const { budget, firstCopies } = this.options
    const needed = size * firstCopies
    if (needed <= budget) return undefined
    return `memory: must be at most the ${inUnits(budget)} of worker.modelMemory, got about ${inUnits(needed)}`
  }

  /** Resolves when no request uses some version any more, or after a moment, since versions may also leave otherwise. */
  private someEnd(): Promise<void> {
    return new Promise((resolve) => {
      this.roomMaker = resolve
      this.options.clock.after(lookAgainMs, resolve)
    })
  }

  /**
   * What the versions take together, and the least recently used of those that could leave. Forgets those that have left
   * by other ways.
   */
  private survey(): { readonly bytes: number; readonly leastUsed: Held | undefined } {
    const { registry, repository, copies, firstCopies } = this.options
    let bytes = 0
    let leastUsed: Held | undefined
    for (const held of this.held.values()) {
      const { key, requests, usedAt } = held
      const state = registry.get(key)?.state.is
      const version = repository.get(key)
      // At the start it has no state before it loads.
      if (state === 'refused' || state === 'unloaded' || version === undefined) {
        this.held.delete(key)
        continue
      }
      bytes += this.sizeOf(version) * (copies(key) || firstCopies)
      const mayLeave = state === 'ready' && requests === 0
      if (mayLeave && (leastUsed === undefined || usedAt < leastUsed.usedAt)) leastUsed = held
    }
    return { bytes, leastUsed }
  }

  private takeIfFits(version: RepositoryVersion): boolean {
    const { budget, firstCopies } = this.options
    if (this.survey().bytes + this.sizeOf(version) * firstCopies > budget) return false
    this.hold(version.key)
    return true
  }

  private async measure({ graphPath, manifest: { graph } }: FoundVersion): Promise<number> {
    const known = this.sizes.get(graph.sha256)
    if (known !== undefined) return known
    const size = await graphMemory(graphPath, graph.bytes, dataBytesOf(graph))
    this.sizes.set(graph.sha256, size)
    return size
  }

  /** As measured; until then the most that it may be. */
  private sizeOf(version: RepositoryVersion): number {
    if (version.state !== 'found') return 0
    const { graph } = version.manifest
    return this.sizes.get(graph.sha256) ?? mostGraphMemory(graph.bytes, dataBytesOf(graph))
  }
}

function dataBytesOf({ data = [] }: Manifest['graph']): number {
  return data.reduce((sum, { bytes }) => sum + bytes, 0)
}

/** How long after a failure a version is tried again that worked before. */
const retryAfterMs = 10_000

const lookAgainMs = 100
