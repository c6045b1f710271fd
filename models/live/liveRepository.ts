import { RepositoryReader } from '../apart/repositoryReader'
import type { Objective } from '../contracts/objective'
import { byNameAndVersion, type Repository, type RepositoryVersion } from '../repository/repository'
import type { RepositoryChange } from '../repository/repositoryChange'
import type { Appearances } from '../repository/scanRepository'
import { LiveObjectives } from './liveObjectives'
import { LiveVersions, type ReadLarge } from './liveVersions'

export interface LiveRepositoryOptions {
  /** Whether a version has been published and so must not change. */
  readonly isPublished: (key: string) => boolean
  /** A further check of a new objective. Returns problems. */
  readonly checkObjective?: (objective: Objective) => readonly string[]
  readonly reader?: RepositoryReader
}

export interface TakenChanges {
  readonly changes: readonly RepositoryChange[]
  /** Versions that are still being read; the changes of each are known once it `take`s what was read. */
  readonly large: readonly Promise<ReadLarge>[]
}

/** A repository that is read once and followed from then on. */
export class LiveRepository implements Repository {
  /** Grows, visibly to everyone who holds it. */
  readonly objectives: ReadonlyMap<string, Objective>
  /** The problems found at the start. */
  readonly problems: readonly string[]
  /** Of the files, when they were read at the start. */
  readonly appearances: Appearances
  private readonly liveObjectives: LiveObjectives
  private readonly liveVersions: LiveVersions
  private readonly reader: RepositoryReader

  constructor(
    repository: Repository,
    { isPublished, checkObjective = () => [], reader = new RepositoryReader() }: LiveRepositoryOptions,
  ) {
    this.reader = reader
    this.liveObjectives = new LiveObjectives(
      repository.objectives,
      (path) => reader.objective(path),
      checkObjective,
      repository.appearances.objectives,
    )
    this.liveVersions = new LiveVersions(
      repository.versions,
      (directory, isLarge) => reader.version(directory, isLarge),
      isPublished,
      repository.appearances.versions,
    )
    this.objectives = this.liveObjectives.byName
    this.problems = repository.problems
    this.appearances = repository.appearances
  }

  /** By model name, then version. Includes removed ones until `forget`. */
  get versions(): readonly RepositoryVersion[] {
    return [...this.liveVersions.all()].sort(byNameAndVersion)
  }

  get(key: string): RepositoryVersion | undefined {
    return this.liveVersions.get(key)
  }

  /** How the files of a version differ from what was read; undefined if they do not. */
  problemOf(key: string): string | undefined {
    return this.liveVersions.problemOf(key)
  }

  /** Whether it is a large version that is still being read. */
  isReading(key: string): boolean {
    return this.liveVersions.isReading(key)
  }

  isGone(key: string): boolean {
    return this.liveVersions.isGone(key)
  }

  /** Forgets a removed version that is no longer served. If its key returns, it must be the same version. */
  forget(key: string): void {
    this.liveVersions.forget(key)
  }

  /** Reads what has changed in the settled files. Await it before calling it again. */
  async take({ objectives, versions }: Appearances): Promise<TakenChanges> {
    const changes: RepositoryChange[] = []
    const found = (change: RepositoryChange) => changes.push(change)
    await this.liveObjectives.take(objectives, found)
    const large = await this.liveVersions.take(versions, found)
    return { changes, large }
  }

  /** Abandons what is being read: a running `take` ends soon, and its result should be ignored. */
  stop(): void {
    this.reader.stop()
  }
}
