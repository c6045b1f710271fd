import type { FSWatcher } from 'node:fs'
import { sep } from 'node:path'
import type { Clock } from '../../lib/clock'
import { isFolderItself, watchFolder } from '../../lib/files/watchFolder'
import { shortPath } from '../../lib/packagePaths'
import { areLocal } from './localFolder'
import { type Appearances, scanRepository } from './scanRepository'

export interface RepositoryWatchOptions {
  /** Absolute paths. */
  readonly roots: readonly string[]
  /** The state to compare with at first; default: nothing was there. */
  readonly first?: Appearances
  /** Called with the settled state when it has changed. Not awaited. */
  onSettled(settled: Appearances): void
  /** Writes one line for the operator. */
  readonly log: (line: string) => void
  /** How often to look, in milliseconds; default 5,000. A twelfth as often where the system reports all changes. */
  readonly pollMs?: number
  /** What changed within this time may be half copied and is ignored; default 1,000 ms. */
  readonly quietMs?: number
  /** Whether to ask the system for notifications; default true. */
  readonly usesSystem?: boolean
  readonly clock: Clock
}

/**
 * Watches a repository until `stop`. What has changed within the last moment is told in its previous state. It looks
 * when the system reports a change in a folder, and regularly, since network file systems report none.
 *
 *     system reports ─┐
 *     poll is due ────┼─> look ── each file and version: unchanged ──> wait
 *     settle() ───────┘                                  └── changed ── then unchanged for `quietMs` ──> onSettled
 */
export class RepositoryWatch {
  private settled: Appearances
  /** What differs from its settled state: its appearance, and since when. */
  private readonly moving = new Map<string, { readonly appearance: string; readonly since: number }>()
  private readonly watchers = new Map<string, FSWatcher>()
  private away: ReadonlySet<string> = new Set()
  private looking: Promise<void> | undefined
  private wasTold = false
  private cancelLook = () => {}
  private isStopped = false
  /** Whether the system reports every change. */
  private isReported = false
  private readonly pollMs: number
  private readonly quietMs: number

  constructor(private readonly options: RepositoryWatchOptions) {
    this.settled = options.first ?? { objectives: new Map(), versions: new Map() }
    this.pollMs = options.pollMs ?? 5_000
    this.quietMs = options.quietMs ?? 1_000
    this.lookIn(0)
  }

  /** Looks now, and again until nothing is changing or `limitMs` are over. Returns what is still changing. */
  async settle(limitMs: number): Promise<readonly string[]> {
    const { clock } = this.options
    const end = clock.now() + limitMs
    for (;;) {
      await this.looking
      await this.look()
      if (this.moving.size === 0 || clock.now() >= end || this.isStopped) return [...this.moving.keys()]
      await new Promise<void>((resolve) => {
        clock.after(Math.min(this.quietMs, Math.max(0, end - clock.now())), resolve)
      })
    }
  }

  stop(): void {
    this.isStopped = true
    this.cancelLook()
    for (const watcher of this.watchers.values()) watcher.close()
    this.watchers.clear()
  }

  private lookIn(ms: number): void {
    this.cancelLook()
    this.cancelLook = this.options.clock.after(ms, () => void this.look())
  }

  private look(): Promise<void> {
    this.cancelLook()
    this.looking ??= this.lookOnce().finally(() => {
      this.looking = undefined
      if (this.isStopped) return
      const pollMs = this.isReported ? this.pollMs * reportedFactor : this.pollMs
      this.lookIn(this.moving.size > 0 || this.wasTold ? this.quietMs : pollMs)
      this.wasTold = false
    })
    return this.looking
  }

  private async lookOnce(): Promise<void> {
    const scan = await scanRepository(this.options.roots)
    if (this.isStopped) return
    if (this.options.usesSystem !== false) {
      const folders = [...scan.folders, ...scan.versions.keys()]
      this.watchFolders(folders.slice(0, maxWatched))
      const isAllWatched = this.watchers.size === folders.length
      // Each folder by itself, since a link or a mount may lead from one of them to another file system.
      this.isReported = isAllWatched && scan.away.size === 0 && (await areLocal(folders))
      if (this.isStopped) return
    }
    this.tellAway(scan.away)
    const isAway = (path: string) => [...scan.away.keys()].some((root) => path.startsWith(root + sep))
    for (const path of this.moving.keys()) {
      // It appeared and disappeared again.
      if (!this.isKnown(path, scan) && !this.isKnown(path, this.settled)) this.moving.delete(path)
    }
    const objectives = this.standing(this.settled.objectives, scan.objectives, isAway)
    const versions = this.standing(this.settled.versions, scan.versions, isAway)
    if (objectives === undefined && versions === undefined) return
    this.settled = {
      objectives: objectives ?? this.settled.objectives,
      versions: versions ?? this.settled.versions,
    }
    this.options.onSettled(this.settled)
  }

  /** The settled entries, in the order of the scan; undefined if they are unchanged. */
  private standing(
    before: ReadonlyMap<string, string>,
    seen: ReadonlyMap<string, string>,
    isAway: (path: string) => boolean,
  ): ReadonlyMap<string, string> | undefined {
    const after = new Map<string, string>()
    let hasChanged = false
    for (const path of new Set([...seen.keys(), ...before.keys()])) {
      const was = before.get(path)
      const is = seen.get(path) ?? (isAway(path) ? was : undefined)
      const stands = is === was || this.standsStill(path, is)
      if (stands && is !== was) hasChanged = true
      if (stands) this.moving.delete(path)
      const now = stands ? is : was
      if (now !== undefined) after.set(path, now)
    }
    return hasChanged ? after : undefined
  }

  private isKnown(path: string, { objectives, versions }: Appearances): boolean {
    return objectives.has(path) || versions.has(path)
  }

  private standsStill(path: string, is = 'gone'): boolean {
    const now = this.options.clock.now()
    const seen = this.moving.get(path)
    if (seen?.appearance === is) return now - seen.since >= this.quietMs
    this.moving.set(path, { appearance: is, since: now })
    return false
  }

  /** Folders, and versions' own. Changes in one that the system cannot watch are found by polling. */
  private watchFolders(folders: readonly string[]): void {
    const wanted = new Set(folders)
    for (const [folder, watcher] of this.watchers) {
      if (wanted.has(folder)) continue
      watcher.close()
      this.watchers.delete(folder)
    }
    for (const folder of wanted) {
      if (this.watchers.has(folder)) continue
      const watcher = watchFolder(folder, (name) => {
        if (isFolderItself(folder, name)) this.unwatch(folder)
        this.told()
      })
      if (watcher === undefined) return
      watcher.on('error', () => this.watchers.delete(folder))
      this.watchers.set(folder, watcher)
      // What changed between the look and now is reported by nobody.
      this.wasTold = true
    }
  }

  /** Also the folders in it. */
  private unwatch(folder: string): void {
    for (const [path, watcher] of this.watchers) {
      if (path !== folder && !path.startsWith(folder + sep)) continue
      watcher.close()
      this.watchers.delete(path)
    }
  }

  private told(): void {
    if (this.isStopped || this.wasTold) return
    this.wasTold = true
    // Delayed, because the system reports every single step of a copy.
    if (this.looking === undefined) this.lookIn(Math.min(this.quietMs, 50))
  }

  private tellAway(away: ReadonlyMap<string, string>): void {
    for (const [root, why] of away) {
      if (this.away.has(root)) continue
      this.options.log(`${shortPath(root)}: cannot be read (${why}); its last known content stays in use`)
    }
    for (const root of this.away) {
      if (!away.has(root)) this.options.log(`${shortPath(root)}: can be read again`)
    }
    this.away = new Set(away.keys())
  }
}

const reportedFactor = 12
/** Each takes memory of the system, which bounds their number. */
const maxWatched = 512
