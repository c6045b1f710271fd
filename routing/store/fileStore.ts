import { randomUUID } from 'node:crypto'
import { type FSWatcher, statSync } from 'node:fs'
import { readdir, readFile, rename, stat, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { type Clock, systemClock } from '../../lib/clock'
import { LoadError, PresageError, show } from '../../lib/errors'
import { Emitter } from '../../lib/events'
import { makeFolder } from '../../lib/files/makeFolder'
import { watchFolder } from '../../lib/files/watchFolder'
import { readJson } from '../../lib/readJson'
import { exists, linkNew, replaceWhole, writeDurably } from './durableFile'
import { type Head, headForm, remainsOf } from './head'
import { checkNodeName, isLease, type Lease, type NodeReport } from './lease'
import { infoOf, type RuleSetVersion, type VersionInfo, versionShape } from './ruleSetVersion'
import { RuleStore } from './ruleStore'
import type { SeenHead, StoreBackend } from './storeBackend'

export interface FileStoreOptions {
  /** Absolute path of the folder; created if missing. */
  readonly folder: string
  /** What messages call it; default `the rule store`. */
  readonly what?: string
  readonly clock?: Clock
}

/** Opens a store in a folder, which any number of processes may share. */
export async function openFileStore(options: FileStoreOptions): Promise<RuleStore> {
  const backend = new FileBackend(options)
  await backend.prepareFolder()
  await backend.sweep()
  return new RuleStore(backend)
}

const headFileForm = z.object({
  head: headForm,
  adds: z.array(z.object({ number: z.number(), file: z.string() })).readonly(),
})

/** A file in `heads/`: the head, and the files with the versions that came with it until they are renamed. */
type HeadFile = Readonly<z.infer<typeof headFileForm>>

/**
 *     heads/00000013.json    the head; the highest number counts
 *     versions/00000004.json one version; never written again
 *     nodes/NAME.json        the last report of a node, and when it expires
 *
 * There are no locks, so a crash leaves none behind. A head is written to a temporary file and linked to the number
 * after the head that the writer saw. `link` refuses a name that is taken, so of several writers one succeeds. Versions
 * stay in temporary files, which the new head names, and are renamed afterwards, by the next process if the writer
 * crashed. Old heads are deleted, lowest first; a writer whose head is gone knows that it is out of date.
 */
export class FileBackend implements StoreBackend {
  readonly kind = 'file'
  private readonly heads: string
  private readonly versions: string
  private readonly nodes: string
  private readonly clock: Clock
  /** How the folder of heads looked, since when, and the head in it. */
  private seen: Seen = { looksAs: undefined, since: 0 }
  private readonly changed = new Emitter<void>()
  /** Watches the folder of heads while anybody listens; undefined if the system cannot, so that polls have to do. */
  private watcher: FSWatcher | undefined
  /** The inode of the folder that it watches. */
  private watched: bigint | undefined

  constructor(private readonly options: FileStoreOptions) {
    this.heads = join(options.folder, 'heads')
    this.versions = join(options.folder, 'versions')
    this.nodes = join(options.folder, 'nodes')
    this.clock = options.clock ?? systemClock
  }

  async prepareFolder(): Promise<void> {
    await this.reach(async () => {
      for (const folder of [this.heads, this.versions, this.nodes]) await makeFolder(folder)
    })
  }

  /** Deletes temporary files of writers that crashed. Who may not write only reads. */
  async sweep(): Promise<void> {
    await this.reach(async () => {
      await this.nameLatest()
      for (const folder of [this.heads, this.versions, this.nodes]) {
        const aside = (await list(folder)).filter((name) => name.startsWith('.'))
        for (const name of aside) {
          const file = join(folder, name)
          const { mtimeMs } = await stat(file).catch(() => ({ mtimeMs: Number.POSITIVE_INFINITY }))
          if (mtimeMs < Date.now() - abandonedMs) await unlink(file).catch(ignoreRefusal)
        }
      }
    })
  }

  readHead(): Promise<SeenHead> {
    return this.reach(async () => {
      const now = this.clock.now()
      const folder = statSync(this.heads, { bigint: true, throwIfNoEntry: false })
      const looksAs = folder && `${folder.ino} ${folder.mtimeNs} ${folder.ctimeNs}`
      const mustWatch = this.watcher === undefined || this.watched !== folder?.ino
      // A watch stays with its folder, so a folder that was replaced has to be watched anew.
      if (this.changed.isHeard && mustWatch) this.watchHeads()
      if (looksAs === undefined || looksAs !== this.seen.looksAs) this.seen = { looksAs, since: now }
      if (this.seen.head !== undefined) return this.seen.head
      const { seen } = this
      const { sequence, file } = await this.latest()
      const head = { head: file.head, token: String(sequence) }
      // Another change at the same time would look the same.
      if (now - seen.since >= sameTimeMs) seen.head = head
      return head
    })
  }

  commit(seen: SeenHead, next: Head, added: readonly RuleSetVersion[]): Promise<boolean> {
    return this.reach(async () => {
      await this.prepareFolder()
      const sequence = Number(seen.token)
      const before = await this.latest()
      if (before.sequence !== sequence) return false
      await this.nameVersions(before.file)
      const adds: { number: number; file: string }[] = []
      const file: HeadFile = { head: next, adds }
      let isLinked = false
      try {
        for (const version of added) {
          const name = `.${version.number}-${randomUUID()}`
          adds.push({ number: version.number, file: name })
          await writeDurably(join(this.versions, name), JSON.stringify(version))
        }
        isLinked = await this.linkHead(sequence + 1, file)
      } finally {
        if (!isLinked) for (const add of adds) await unlink(join(this.versions, add.file)).catch(() => {})
      }
      if (!isLinked) return false
      await this.nameVersions(file)
      await this.removeOldHeads(sequence + 1)
      return true
    })
  }

  readVersion(number: number): Promise<RuleSetVersion | undefined> {
    return this.reach(async () => {
      if (!Number.isSafeInteger(number) || number < 1) return undefined
      const named = await this.namedVersion(number)
      if (named !== undefined) return named
      await this.nameLatest()
      return this.namedVersion(number)
    })
  }

  async hasVersion(number: number): Promise<boolean> {
    const isNamed = await this.reach(() => exists(this.versionFile(number)))
    return isNamed || (await this.readVersion(number)) !== undefined
  }

  readInfos(): Promise<readonly VersionInfo[]> {
    return this.reach(async () => {
      await this.nameLatest()
      const infos: VersionInfo[] = []
      for (const number of await numbersIn(this.versions)) {
        // A broken file is reported to those who read that version; it must not hide the others.
        const version = await this.namedVersion(number).catch(() => undefined)
        if (version !== undefined) infos.push(infoOf(version))
      }
      return infos
    })
  }

  writeReport(report: NodeReport, ttlMs: number, writer: string): Promise<void> {
    return this.reach(async () => {
      await makeFolder(this.nodes)
      const lease: Lease = { report, until: Date.now() + ttlMs, writer }
      // Need not survive a power failure: by then the lease has ended.
      await replaceWhole(this.nodeFile(report.node), JSON.stringify(lease))
    })
  }

  readReports(): Promise<readonly NodeReport[]> {
    return this.reach(async () => {
      const names = (await list(this.nodes)).filter((name) => !name.startsWith('.'))
      const now = Date.now()
      const reports: NodeReport[] = []
      for (const name of names) {
        const lease = readJson((await readText(join(this.nodes, name))) ?? '')
        // One that is none, such as that of another version of Presage, must not hide the others.
        if (!isLease(lease)) continue
        if (lease.until > now) reports.push(lease.report)
        else if (lease.until < now - abandonedMs) await unlink(join(this.nodes, name)).catch(ignoreRefusal)
      }
      return reports
    })
  }

  removeReport(node: string, writer: string): Promise<void> {
    return this.reach(async () => {
      const lease = readJson((await readText(this.nodeFile(node))) ?? '')
      if (isLease(lease) && lease.writer === writer) await unlink(this.nodeFile(node)).catch(ignoreMissing)
    })
  }

  watch(listener: () => void): () => void {
    const leave = this.changed.event(listener)
    try {
      this.watchHeads()
    } catch {
      // Reads tell what is wrong with the folder, and watch it once they can.
    }
    return () => {
      leave()
      if (!this.changed.isHeard) this.watcher?.close()
    }
  }

  async dispose(): Promise<void> {}

  /** Needs not wait for writes to finish, as FileWatch does: entries appear complete, by link or rename. */
  private watchHeads(): void {
    this.watcher?.close()
    this.watched = statSync(this.heads, { bigint: true, throwIfNoEntry: false })?.ino
    this.watcher = watchFolder(this.heads, (name) => {
      // Names with a leading dot are temporary files.
      if (!name?.startsWith('.')) this.changed.fire()
    })
  }

  private namedVersion(number: number): Promise<RuleSetVersion | undefined> {
    return readFileOf(this.versionFile(number), versionShape, 'a version of the rules')
  }

  /** The current head; sequence 0 if there is none. */
  private async latest(): Promise<{ sequence: number; file: HeadFile }> {
    for (;;) {
      const sequence = Math.max(0, ...(await numbersIn(this.heads)))
      if (sequence === 0)
        return { sequence, file: { head: remainsOf(await numbersIn(this.versions)), adds: [] } }
      const file = await readFileOf(
        this.headFile(sequence),
        headFileForm,
        'a head of a rule store',
        earlierCounts,
      )
      if (file !== undefined) return { sequence, file }
      // It was deleted in between, so there is a later one.
    }
  }

  /** Returns false if another writer was first, or if the previous head, its predecessor, is gone. */
  private async linkHead(sequence: number, file: HeadFile): Promise<boolean> {
    if (!(await linkNew(this.headFile(sequence), JSON.stringify(file)))) return false
    if (sequence === 1 || (await exists(this.headFile(sequence - 1)))) return true
    await unlink(this.headFile(sequence)).catch(ignoreMissing)
    return false
  }

  /**
   * Renames the versions that came with a head. Several processes may do this at once: each rename succeeds only once.
   */
  private async nameVersions({ adds }: HeadFile): Promise<void> {
    for (const { number, file } of adds) {
      if (await exists(this.versionFile(number))) continue
      await rename(join(this.versions, file), this.versionFile(number)).catch(ignoreMissing)
    }
  }

  /** The same for the latest head, by who only reads, and perhaps may not write. */
  private async nameLatest(): Promise<void> {
    await this.nameVersions((await this.latest()).file).catch(ignoreRefusal)
  }

  private async removeOldHeads(sequence: number): Promise<void> {
    const numbers = await numbersIn(this.heads)
    const old = numbers.filter((number) => number <= sequence - keptHeads).sort((one, other) => one - other)
    for (const number of old) await unlink(this.headFile(number)).catch(ignoreMissing)
  }

  /** Any error of the file system means that the store is unreachable. */
  private async reach<T>(act: () => Promise<T>): Promise<T> {
    try {
      return await act()
    } catch (error) {
      if (error instanceof PresageError || error instanceof LoadError) throw error
      const { what = 'the rule store', folder } = this.options
      // A temporary file has another name each time, but one problem must read alike, so that it is told once.
      const why = (error as Error).message.replaceAll(temporaryName, '')
      throw new PresageError('STORE_UNREACHABLE', `${what} in ${folder}: ${why}`)
    }
  }

  private headFile(sequence: number): string {
    return join(this.heads, fileName(sequence))
  }

  private versionFile(number: number): string {
    return join(this.versions, fileName(number))
  }

  private nodeFile(node: string): string {
    checkNodeName(node)
    return join(this.nodes, `${node}.json`)
  }
}

interface Seen {
  readonly looksAs: string | undefined
  readonly since: number
  head?: SeenHead
}

/** File systems round the times of changes, by up to two seconds. */
const sameTimeMs = 2500

/** In a message of the system. */
const temporaryName = /\/\.(\d+-)?[\da-f-]{36}(?=')/g

const keptHeads = 64
const abandonedMs = 3_600_000

/** Padded, so that a listing is in order. */
function fileName(number: number): string {
  return `${String(number).padStart(8, '0')}.json`
}

async function numbersIn(folder: string): Promise<number[]> {
  return (await list(folder))
    .filter((name) => /^\d+\.json$/.test(name))
    .map((name) => Number.parseInt(name, 10))
}

async function list(folder: string): Promise<string[]> {
  return (await readdir(folder).catch(ignoreMissing)) ?? []
}

const earlierCounts = '; once it is removed, the one before counts'

/** Undefined if the file does not exist. Throws a LoadError if it is not of the form. */
async function readFileOf<T>(
  file: string,
  form: z.ZodType<T>,
  what: string,
  hint = '',
): Promise<T | undefined> {
  const text = await readText(file)
  if (text === undefined) return undefined
  const value = readJson(text)
  // As it is, since a later release may have added keys.
  if (form.safeParse(value).success) return value as T
  throw new LoadError([
    `${file}: must be ${what} in JSON, got ${show(value === undefined ? text : value)}${hint}`,
  ])
}

/** Undefined if the file does not exist. */
function readText(file: string): Promise<string | undefined> {
  return readFile(file, 'utf8').catch(ignoreMissing)
}

function ignoreMissing(error: unknown): undefined {
  if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
}

/** Of tidying up, which another process may do, or have done. */
function ignoreRefusal(error: unknown): undefined {
  const { code = '' } = error as NodeJS.ErrnoException
  if (!['ENOENT', 'EACCES', 'EPERM', 'EROFS'].includes(code)) throw error
}
