import { LoadError } from '../../lib/errors'
import type { Model } from '../../models/contracts/model'
import type { LiveRepository } from '../../models/live/liveRepository'
import type { FoundVersion, RepositoryVersion } from '../../models/repository/repository'
import type { RepositoryChange } from '../../models/repository/repositoryChange'
import type { Appearances } from '../../models/repository/scanRepository'
import type { UnfitVersion } from '../../workers/shard'
import { loadVersion } from './loadVersion'
import { loadVersions } from './loadVersions'
import { type ModelHost, shardsNamed } from './modelHost'
import { refusedBy, type VersionStatus } from './modelRegistry'

export interface ModelLibraryOptions {
  readonly repository: LiveRepository
  readonly host: ModelHost
  /** The shards on which the current rules place a version. */
  readonly shardsOf: (key: string) => readonly string[]
  /** Whether the current rules or fields name a version. Then it is not unloaded. */
  readonly isNamed: (key: string) => boolean
  /** Whether to load a version when it is found; others can still be loaded on request. Default: all. */
  readonly isWanted?: (version: RepositoryVersion) => boolean
  /** Whether to load a wanted version only once it is asked. Default: none. */
  readonly isDeferred?: (version: RepositoryVersion) => boolean
  /** A further check of a version that arrives while others serve. Returns problems. */
  readonly checkModel?: (model: Model) => readonly string[]
  /** Writes one line for the operator. */
  readonly log: (line: string) => void
  /**
   * Called instead of `log` with the name of an objective or version whose files have changed and can be read again.
   */
  readonly onOutdated?: (what: string) => void
  /**
   * How long requests that were routed to a version may still bring rows after it is unloaded, in milliseconds; default
   * 2,000.
   */
  readonly lingerMs?: number
  /** Resolves when no request uses a version any more, where that is known: then it need not linger. */
  readonly unused?: (key: string) => Promise<void>
}

/** What was done, one line each. */
export type Report = readonly string[]

/**
 * Decides which versions of the repository are in service while models come and go. New versions are brought into
 * service one after the other, beside those that serve.
 *
 *     found ──> loading ──> ready ──evict, or removed and nothing names it──> unloaded ──ensureLoaded──> loading ...
 *                  │          └──takes too much memory, or does not come back──> refused
 *                  └──────> refused: tried again when its files or objectives change, its runs have come back after
 *                           all, or by ensureLoaded
 */
export class ModelLibrary {
  /** The last task of the queue, in which tasks run one after the other. */
  private last: Promise<unknown> = Promise.resolve()
  /** Versions whose workers are still unloading them. */
  private readonly leaving = new Map<string, Promise<unknown>>()
  private isDisposed = false

  constructor(private readonly options: ModelLibraryOptions) {
    for (const shard of options.host.shards.values()) {
      shard.unfit((version) => this.takeOut(version))
      // What was refused on a shard of servers elsewhere may be served by one that has come.
      shard.remote?.joined(() => this.retryInTurn(({ key }) => options.shardsOf(key).includes(shard.name)))
    }
  }

  /**
   * Brings into service what the repository holds at the start, several at once. Statuses are set at once; resolves
   * when each version is ready or refused.
   */
  load(): Promise<void> {
    const { repository, host, shardsOf, isWanted = () => true } = this.options
    const log = (line: string) => this.log(line)
    const now: RepositoryVersion[] = []
    for (const version of repository.versions.filter(isWanted)) {
      if (this.isDeferred(version)) this.defer(version)
      else now.push(version)
    }
    const loaded = loadVersions(now, shardsOf, host, log)
    this.last = Promise.all([this.last, loaded])
    return loaded
  }

  /**
   * Takes over changes of the repository's folders. Resolves, with what was done, when all of it is ready, refused or
   * gone. A large version is read meanwhile, and taken over by itself; `onTaken` gets what was done each time.
   */
  async take(settled: Appearances, onTaken: (report: Report) => void = () => {}): Promise<Report> {
    const report: string[] = []
    const follow = async (changes: readonly RepositoryChange[]) => {
      const lines: string[] = []
      for (const change of changes) {
        if (this.isDisposed) break
        await this.follow(change, (line) => {
          this.log(line)
          lines.push(line)
        })
      }
      report.push(...lines)
      if (lines.length > 0) onTaken(lines)
    }
    const { ofLarge } = await this.inTurn(async () => {
      const { changes, large } = await this.options.repository.take(settled)
      const ofLarge = Promise.all(
        large.map(async (reading) => {
          const read = await reading
          await this.inTurn(async () => follow(await read.take()))
        }),
      )
      // Awaited below, since it needs turns of its own.
      ofLarge.catch(() => {})
      await follow(changes)
      return { ofLarge }
    })
    await ofLarge
    return report
  }

  /**
   * Resolves when a version is ready on `shards`; by default, those where the rules place it. A refused version is
   * tried again. Rejects with a LoadError of one line if it is not in the repository or is refused.
   */
  async ensureLoaded(key: string, shards = this.options.shardsOf(key)): Promise<void> {
    if (this.missingShards(key, shards).length === 0) return
    const refusal = await this.inTurn(() => this.bringIn(key, shards, () => {}))
    if (refusal !== undefined) throw new LoadError([`${key} is not ready: ${refusal}`])
  }

  /**
   * Has servers elsewhere that serve a ready version, and have put it out of their memory, load it again. Rejects with a
   * LoadError of one line if none can.
   */
  async wake(key: string, shards: readonly string[]): Promise<void> {
    try {
      await Promise.all(shards.map((name) => this.options.host.shards.get(name)?.remote?.wake(key)))
    } catch (error) {
      throw new LoadError([`${key} is not ready: ${(error as Error).message}`])
    }
  }

  /**
   * Unloads versions that nothing names, and skips others. From now on no request is routed to them. Resolves when
   * their memory is freed. With `onRequest`, their state says that somebody asked for it.
   */
  async evict(keys: Iterable<string>, onRequest?: true): Promise<void> {
    const { registry } = this.options.host
    const state = { is: 'unloaded', onRequest } as const
    const left: Promise<unknown>[] = []
    for (const key of keys) {
      const status = registry.get(key)
      if (status?.state.is === 'unloaded') registry.set({ ...status, state })
      if (status?.state.is !== 'ready' || this.options.isNamed(key)) continue
      left.push(this.unload(key, state))
      this.log(`${key} is unloaded${onRequest ? ' on request' : ': nothing names it'}`)
    }
    await Promise.all(left)
  }

  /**
   * Takes a ready version out of the memory of this machine's workers at once, to be loaded again when it is asked. No
   * request may be using it. Resolves when its sessions are freed.
   */
  putOut(key: string): Promise<void> {
    const status = this.options.host.registry.get(key)!
    const model = status.state.is === 'ready' ? status.state.model : undefined
    this.options.host.registry.set({ ...status, state: { is: 'unloaded', onDemand: true, model } })
    return this.leave(status, Promise.resolve())
  }

  /** Begins nothing more. Resolves when all running tasks are over, which requires that the shards are disposed. */
  async dispose(): Promise<void> {
    this.isDisposed = true
    await this.last
  }

  private async follow(change: RepositoryChange, tell: (line: string) => void): Promise<void> {
    switch (change.is) {
      case 'objective':
        tell(
          this.options.onOutdated
            ? `objective ${change.objective.name} was added`
            : `objective ${change.objective.name} was added; a field that uses it needs a composition and a restart`,
        )
        await this.retry(({ manifest }) => manifest.serves.includes(change.objective.name), tell)
        return
      case 'version': {
        const { key } = change.version
        if (this.options.isWanted?.(change.version) === false && !this.options.isNamed(key)) return
        if (this.isDeferred(change.version)) return this.defer(change.version)
        await this.bringIn(key, this.options.shardsOf(key), tell)
        return
      }
      case 'contract':
        if (this.options.onOutdated) this.options.onOutdated(`objective ${change.objective}`)
        else for (const line of change.lines) tell(line)
        return
      case 'contract restored':
        tell(`${change.file}: matches the loaded contract again`)
        return
      case 'changed':
        this.note(change.key, change.problem)
        if (change.isWhole && this.options.onOutdated) {
          this.options.onOutdated(change.key)
          return
        }
        tell(`${change.key}: ${change.problem}; the loaded version stays in service`)
        return
      case 'restored':
        this.note(change.key, undefined)
        tell(`${change.key}: its files match the loaded version again`)
        // It may have been asked for while they did not.
        await this.retry(({ key }) => key === change.key, tell)
        return
      case 'removed':
        this.remove(change.key, tell)
        return
      case 'problem':
        tell(change.line)
    }
  }

  /** Loads versions again that were refused, of those that `concerns` names. Call only from the queue. */
  private async retry(
    concerns: (version: FoundVersion) => boolean,
    tell: (line: string) => void,
  ): Promise<void> {
    const { repository, host, shardsOf } = this.options
    for (const version of repository.versions) {
      if (this.isDisposed) return
      const isRefused = host.registry.get(version.key)?.state.is === 'refused'
      if (!isRefused || version.state !== 'found' || !concerns(version)) continue
      if (this.isDeferred(version)) this.defer(version)
      else await this.bringIn(version.key, shardsOf(version.key), tell)
    }
  }

  private retryInTurn(concerns: (version: FoundVersion) => boolean): void {
    void this.inTurn(() => this.retry(concerns, (line) => this.log(line)))
  }

  private remove(key: string, tell: (line: string) => void): void {
    const { host, isNamed } = this.options
    const status = host.registry.get(key)
    if (status?.state.is === 'ready' && isNamed(key)) {
      const note =
        'its files are gone; restore them, because rules or fields name it and new workers cannot load it'
      this.note(key, note)
      tell(`${key}: ${note}`)
      return
    }
    tell(`${key} is gone`)
    if (status?.state.is === 'ready') void this.unload(key)
    else this.forget(key)
  }

  /** Loads a version. Returns why it is not ready, or undefined if it is. Call only from the queue. */
  private async bringIn(
    key: string,
    shards: readonly string[],
    tell: (line: string) => void,
  ): Promise<string | undefined> {
    // While it leaves one shard it may begin to leave another one.
    while (this.leaving.has(key)) await this.leaving.get(key)
    const { repository, host } = this.options
    const missing = this.missingShards(key, shards)
    if (missing.length === 0) return undefined
    const version = repository.get(key)
    if (version === undefined)
      return repository.files.isReading(key)
        ? 'its files are still being read'
        : 'it is not in the repository'
    const before = host.registry.get(key)
    const isReady = before?.state.is === 'ready'
    const known = before?.state.is === 'unloaded' ? before.state.model : undefined
    const set = (state: VersionStatus['state'], on: readonly string[]) => {
      host.registry.set({ key, name: version.name, version: version.version, shards: on, state })
    }
    const problem = version.state === 'refused' ? version.reason : repository.files.problemOf(key)
    try {
      if (problem !== undefined) throw new LoadError([problem])
      // Until it turns out to be ready, one that was refused counts as refused.
      if (!isReady && before?.state.is !== 'refused') set({ is: 'loading' }, shards)
      const model = await this.loadOn(version as FoundVersion, missing, known)
      // It may have left other shards meanwhile.
      const now = host.registry.get(key)
      if (now?.state.is === 'ready') host.registry.set({ ...now, shards: [...now.shards, ...missing] })
      else set({ is: 'ready', model }, missing)
      tell(`${key} is ready on ${missing.join(', ')}`)
      return this.missingShards(key, shards).length === 0 ? undefined : this.bringIn(key, shards, tell)
    } catch (error) {
      if (!(error instanceof LoadError)) throw error
      const reason = error.message
      // It stays in service on the shards where it was.
      if (!isReady) set(refusedBy(error), shards)
      tell(`${key} is not ready${isReady ? ` on ${missing.join(', ')}` : ''}: ${reason}`)
      return reason
    }
  }

  private async loadOn(version: FoundVersion, names: readonly string[], known?: Model): Promise<Model> {
    const { host } = this.options
    const shards = shardsNamed(host, names)
    const model = await loadVersion(version, shards, host.objectives, host.clock, { gently: true, known })
    const problems = this.options.checkModel?.(model) ?? []
    if (problems.length === 0) return model
    for (const shard of shards) void shard.unload(version.key)
    throw new LoadError([problems.join('; ')])
  }

  private missingShards(key: string, shards: readonly string[]): readonly string[] {
    const status = this.options.host.registry.get(key)
    if (status?.state.is !== 'ready') return shards
    return shards.filter((shard) => !status.shards.includes(shard))
  }

  /** No new decision finds it, but requests that were routed to it may still bring rows. */
  private unload(key: string, state: VersionStatus['state'] = { is: 'unloaded' }): Promise<unknown> {
    const { host, repository, lingerMs = 2_000, unused } = this.options
    const status = host.registry.get(key)!
    host.registry.set({ ...status, note: undefined, state })
    if (repository.files.isGone(key)) this.forget(key)
    const over = unused?.(key) ?? new Promise<void>((resolve) => host.clock.after(lingerMs, resolve))
    return this.leave(status, over)
  }

  /** Frees the sessions of a version that no new decision finds, after `due`. */
  private leave({ key, shards }: VersionStatus, due: Promise<void>): Promise<void> {
    const unloaded = due.then(() =>
      Promise.all(shards.map((name) => this.options.host.shards.get(name)?.unload(key))),
    )
    // It may have come to another shard while it left these, and be leaving that one.
    const left = Promise.all([this.leaving.get(key), unloaded])
      .then(() => {})
      .finally(() => {
        if (this.leaving.get(key) === left) this.leaving.delete(key)
      })
    this.leaving.set(key, left)
    return left
  }

  private isDeferred(version: RepositoryVersion): boolean {
    return version.state === 'found' && this.options.isDeferred?.(version) === true
  }

  private defer({ key, name, version }: RepositoryVersion): void {
    const { host, shardsOf } = this.options
    const state = { is: 'unloaded', onDemand: true } as const
    host.registry.set({ key, name, version, shards: shardsOf(key), state })
  }

  /** Takes a ready version out of service that turned out not to work. */
  private takeOut({ key, reason, over }: UnfitVersion): void {
    const { registry, shards } = this.options.host
    const status = registry.get(key)
    if (status?.state.is !== 'ready') return
    registry.set({ ...status, note: undefined, state: { is: 'refused', reason } })
    this.log(`${key} is not ready: ${reason}`)
    for (const name of status.shards) void shards.get(name)?.unload(key)
    void over?.then(() => this.retryInTurn((version) => version.key === key))
  }

  private forget(key: string): void {
    this.options.repository.files.forget(key)
    this.options.host.registry.delete(key)
  }

  private note(key: string, note: string | undefined): void {
    const { registry } = this.options.host
    const status = registry.get(key)
    if (status !== undefined) registry.set({ ...status, note })
  }

  private inTurn<T>(task: () => Promise<T>): Promise<T> {
    const result = this.last.then(task)
    this.last = result.catch(() => {})
    return result
  }

  /** A load that a shutdown cuts short says nothing about its model. */
  private log(line: string): void {
    if (!this.isDisposed) this.options.log(line)
  }
}
