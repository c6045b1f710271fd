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
  /** What has become of the versions' files. */
  readonly files: LiveVersions
  private readonly liveObjectives: LiveObjectives
  private readonly reader: RepositoryReader

  constructor(
    repository: Repository,
    { isPublished, checkObjective = () => [], reader = new RepositoryReader() }: LiveRepositoryOptions,
  ) {
    this.reader = reader
    this.liveObjectives = new LiveObjectives(repository, reader, checkObjective)
    this.files = new LiveVersions(repository, reader, isPublished)
    this.objectives = this.liveObjectives.byName
    this.problems = repository.problems
    this.appearances = repository.appearances
  }

  /** By model name, then version. Includes removed ones until they are forgotten. */
  get versions(): readonly RepositoryVersion[] {
    return [...this.files.all()].sort(byNameAndVersion)
  }

  get(key: string): RepositoryVersion | undefined {
    return this.files.get(key)
  }

  /** Reads what has changed in the settled files. Await it before calling it again. */
  async take({ objectives, versions }: Appearances): Promise<TakenChanges> {
    const changes: RepositoryChange[] = []
    const found = (change: RepositoryChange) => changes.push(change)
    await this.liveObjectives.take(objectives, found)
    const large = await this.files.take(versions, found)
    return { changes, large }
  }

  /** Abandons what is being read: a running `take` ends soon, and its result should be ignored. */
  stop(): void {
    this.reader.stop()
  }
}
