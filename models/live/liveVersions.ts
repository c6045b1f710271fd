import { shortPath } from '../../lib/packagePaths'
import type { RepositoryReader } from '../apart/repositoryReader'
import { versionIdentity } from '../repository/readVersion'
import type { Repository, RepositoryVersion } from '../repository/repository'
import type { Found, RepositoryChange } from '../repository/repositoryChange'
import { versionAppearance } from '../repository/scanRepository'
import { isLargeVersion } from '../repository/versionSize'

/** What is known of a version's files. */
interface Known {
  readonly version: RepositoryVersion
  /** Their appearance when they were read. */
  appearance: string
  /** How they differ from what was read; undefined if they do not. */
  problem?: string
}

/** A large version that has been read. Await `take` before the next look. */
export interface ReadLarge {
  take(): Promise<readonly RepositoryChange[]>
}

/**
 * Versions that were read once and are followed from then on. A published version never changes, whatever happens to
 * its files.
 */
export class LiveVersions {
  private readonly known = new Map<string, Known>()
  /** Digests of forgotten versions that were published, in case they return. */
  private readonly forgotten = new Map<string, Readonly<Record<string, string>>>()
  /** By key, large versions that are being read: how their files looked before. */
  private readonly reading = new Map<string, string>()
  /** The lines that were reported last. */
  private told: ReadonlySet<string> = new Set()

  constructor(
    { versions, appearances }: Repository,
    private readonly reader: RepositoryReader,
    private readonly isPublished: (key: string) => boolean,
  ) {
    for (const version of versions) {
      this.known.set(version.key, { version, appearance: appearances.versions.get(version.directory) ?? '' })
    }
  }

  /** In no particular order. Includes removed ones until they are forgotten. */
  all(): readonly RepositoryVersion[] {
    return [...this.known.values()].map(({ version }) => version)
  }

  get(key: string): RepositoryVersion | undefined {
    return this.known.get(key)?.version
  }

  /** How the files of a version differ from what was read; undefined if they do not. */
  problemOf(key: string): string | undefined {
    return this.known.get(key)?.problem
  }

  /** Whether it is a large version that is still being read. */
  isReading(key: string): boolean {
    return this.reading.has(key)
  }

  isGone(key: string): boolean {
    return this.problemOf(key) === gone
  }

  /** Forgets a removed version that is no longer served. If its key returns, it must be the same version. */
  forget(key: string): void {
    const version = this.get(key)
    if (version?.state === 'found' && this.isPublished(key)) this.forgotten.set(key, version.digests)
    this.known.delete(key)
  }

  /** Reads the directories that have changed since the last look, and begins to read those that are large. */
  async take(directories: ReadonlyMap<string, string>, found: Found): Promise<Promise<ReadLarge>[]> {
    const large: Promise<ReadLarge>[] = []
    const places = new Map<string, string>()
    const lines: string[] = []
    for (const [directory, appearance] of directories) {
      const { key } = versionIdentity(directory)
      const first = places.get(key)
      if (first === undefined) {
        places.set(key, directory)
        const known = this.known.get(key)
        const isRead = known?.version.directory === directory && known.appearance === appearance
        if (isRead || this.reading.get(key) === appearance) continue
        if (await isLargeVersion(directory)) large.push(this.readLarge(key, directory, appearance))
        else await this.takeRead(await this.reader.version(directory, false), appearance, found)
      } else {
        lines.push(
          `${shortPath(directory)}: must be the only folder of its version, got ${key} also in ${shortPath(first)}`,
        )
      }
    }
    for (const [key, known] of this.known) {
      if (places.has(key) || known.problem === gone) continue
      known.problem = gone
      known.appearance = ''
      found({ is: 'removed', key })
    }
    for (const line of lines) if (!this.told.has(line)) found({ is: 'problem', line })
    this.told = new Set(lines)
    return large
  }

  private async readLarge(key: string, directory: string, appearance: string): Promise<ReadLarge> {
    this.reading.set(key, appearance)
    const isOver = () => {
      if (this.reading.get(key) === appearance) this.reading.delete(key)
    }
    const read = await this.reader.version(directory, true).catch((error: unknown) => {
      isOver()
      throw error
    })
    return {
      take: async () => {
        const changes: RepositoryChange[] = []
        await this.takeRead(read, appearance, (change) => changes.push(change)).finally(isOver)
        return changes
      },
    }
  }

  private async takeRead(read: RepositoryVersion, appearance: string, found: Found): Promise<void> {
    const { key, directory } = read
    // It changed while it was read. It is looked at again once it has settled.
    if ((await versionAppearance(directory).catch(() => undefined)) !== appearance) return
    const known = this.known.get(key)
    if (known?.version.state === 'found' && this.isPublished(key)) {
      const problem = differenceOf(known.version.digests, read)
      if (problem === undefined) {
        if (known.problem !== undefined) found({ is: 'restored', key })
        this.known.set(key, { version: read, appearance })
        return
      }
      if (problem !== known.problem) found({ is: 'changed', key, problem, isWhole: read.state === 'found' })
      known.problem = problem
      known.appearance = appearance
      return
    }
    const before = this.forgotten.get(key)
    const problem = before && differenceOf(before, read)
    const reason = `${problem}; a new version takes the next number`
    const version: RepositoryVersion =
      problem === undefined
        ? read
        : { state: 'refused', ...versionIdentity(directory), problems: [reason], reason }
    const isNews = known === undefined || known.problem !== undefined || !isSame(known.version, version)
    this.known.set(key, { version, appearance })
    if (isNews) found({ is: 'version', version })
  }
}

const gone = 'its files are gone'

/**
 * How a version that was read again differs from before; undefined if it does not. Names every file that differs, so
 * that the text changes with each of them.
 */
function differenceOf(before: Readonly<Record<string, string>>, read: RepositoryVersion): string | undefined {
  if (read.state === 'refused') return read.reason
  const different: string[] = []
  for (const file of new Set([...Object.keys(before), ...Object.keys(read.digests)])) {
    if (read.digests[file] === before[file]) continue
    const came = read.digests[file] === undefined ? 'no such file' : `SHA-256 ${read.digests[file]}`
    different.push(`${shortPath(read.directory)}/${file}: must not change once published, got ${came}`)
  }
  return different.length === 0 ? undefined : `files: ${different.join('; ')}`
}

function isSame(before: RepositoryVersion, after: RepositoryVersion): boolean {
  if (before.state === 'refused') return after.state === 'refused' && before.reason === after.reason
  return before.directory === after.directory && differenceOf(before.digests, after) === undefined
}
