import { defer } from '../../lib/scheduling/deferred'
import type { GraphSignature } from '../../models/types/tensor'
import { WorkerLost } from '../runtime/workerLost'
import type { RemoteVersion } from './remoteVersion'
import type { ServerConnection } from './serverConnection'

/** A connection to a server, until it has to be given up, and the versions that the server serves over it. */
export class ConnectedServer {
  /** Versions that it has loaded, with their tensors. */
  private readonly held = new Map<RemoteVersion, GraphSignature>()
  /** Those that it gets rows of. */
  private readonly keys = new Set<string>()
  private readonly ending = defer<string>()
  /** Gives it up. */
  readonly end = this.ending.resolve
  /** Resolves with the reason for which it is given up. */
  readonly over = this.ending.promise
  private lost: string | undefined
  /** Versions that it is being prepared for, or soon will be. */
  private readonly coming = new Set<string>()
  private preparing: Promise<void> = Promise.resolve()

  constructor(
    readonly worker: ServerConnection,
    private readonly versions: WantedVersions,
    /** By version, why the server could not serve it; outlives the connection, so that each reason is told once. */
    private readonly missing: Map<string, string>,
    private readonly log: (what: string) => void,
  ) {
    worker.lost((reason) => {
      this.lost = reason
      this.end(reason)
    })
    worker.failed(({ kind, reason, key }) => {
      if (kind === 'notHeld' && this.keys.delete(key))
        this.end(`it does not serve ${key} any more: ${reason}`)
    })
  }

  /** What it gets rows of, as `name@version`. */
  get served(): readonly string[] {
    return [...this.keys]
  }

  /** Whether it gets rows of the version. */
  serves(key: string): boolean {
    return this.keys.has(key)
  }

  /** Whether it has loaded the version. */
  holds(version: RemoteVersion): boolean {
    return this.held.has(version)
  }

  /** Rejects with the server's reason. */
  async load(version: RemoteVersion): Promise<GraphSignature> {
    const signature = await version.load(this.worker)
    this.held.set(version, signature)
    return signature
  }

  /** Call once it is known what the tensors of a version are. Throws if the server's are others. */
  checkSignature(version: RemoteVersion): void {
    const problem = version.problemOf(this.held.get(version)!)
    if (problem !== undefined) throw new Error(problem)
  }

  /** Gives it rows of a version that it holds, once it has passed the check. Rejects if it does not. */
  async verify(version: RemoteVersion): Promise<void> {
    await version.verify(this.worker)
    if (this.versions.all.get(version.key) === version) this.keys.add(version.key)
  }

  drop(version: RemoteVersion): void {
    this.keys.delete(version.key)
    this.held.delete(version)
  }

  /** Whether it will soon serve the version, or refuse it. */
  prepares(key: string): boolean {
    return this.coming.has(key)
  }

  /** Prepares it for all versions that it should serve, also those that come meanwhile. Rejects if the server is lost. */
  async prepareAll(): Promise<void> {
    const { all, isWanted } = this.versions
    const tried = new Set<RemoteVersion>()
    for (;;) {
      const versions = [...all.values()]
      // The check of a version may come later than the version.
      const next = versions.find((one) => !tried.has(one)) ?? versions.find((one) => this.isUnchecked(one))
      if (next === undefined) break
      tried.add(next)
      if (isWanted(next.key)) await this.prepare(next)
      // By then, another server may have come that should hold it.
      else this.drop(next)
      if (this.lost !== undefined) throw new Error(this.lost)
    }
  }

  /** Prepares it for versions, one after the other. Resolves with the keys that it can serve; rejects if it is lost. */
  async prepareMore(versions: readonly RemoteVersion[]): Promise<readonly string[]> {
    const more = versions.filter(
      (version) => version.check !== undefined && !this.held.has(version) && !this.coming.has(version.key),
    )
    for (const { key } of more) this.coming.add(key)
    const before = this.preparing
    this.preparing = (async () => {
      await before.catch(() => {})
      for (const version of more) {
        await this.prepare(version, true)
        this.coming.delete(version.key)
      }
    })()
    await this.preparing
    return more.map(({ key }) => key).filter((key) => this.keys.has(key))
  }

  /**
   * Has the server do all that a version asks for; with `wakes` it is in its memory then. If it cannot, it serves without
   * it. Rejects if the server is lost.
   */
  private async prepare(version: RemoteVersion, wakes = false): Promise<void> {
    const { key } = version
    try {
      if (!this.held.has(version)) await this.load(version)
      if (wakes && this.worker.isVerified?.(key)) await this.worker.wake?.(key)
      await version.warm(this.worker)
      if (version.check !== undefined) await this.verify(version)
      this.missing.delete(key)
    } catch (error) {
      this.drop(version)
      // One that has no room for a run of ours serves its other versions all the same.
      const isLoss = error instanceof WorkerLost && !['MODEL_NOT_READY', 'OVERLOADED'].includes(error.outcome)
      if (isLoss) throw error
      const { message } = error as Error
      if (this.missing.get(key) !== message) this.log(`serves without ${key}: ${message}`)
      this.missing.set(key, message)
    }
  }

  private isUnchecked(version: RemoteVersion): boolean {
    return version.check !== undefined && this.held.has(version) && !this.keys.has(version.key)
  }
}

export interface WantedVersions {
  readonly all: ReadonlyMap<string, RemoteVersion>
  /** Whether this server should serve the version. */
  readonly isWanted: (key: string) => boolean
}
