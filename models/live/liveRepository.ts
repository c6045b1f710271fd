import { RepositoryReader } from '../apart/repositoryReader'
import type { Objective } from '../contracts/objective'
import { byNameAndVersion, type Repository, type RepositoryVersion } from '../repository/repository'
import type { RepositoryChange } from '../repository/repositoryChange'
import type { SettledRepository } from '../repository/repositoryWatch'
import { LiveObjectives } from './liveObjectives'
import { LiveVersions } from './liveVersions'

export interface LiveRepositoryOptions {
  /** Whether a version has been published: it never changes from then on. */
  readonly isPublished: (key: string) => boolean
  /** What else is asked of a new objective; answers problems. */
  readonly checkObjective?: (objective: Objective) => readonly string[]
  readonly reader?: RepositoryReader
}

/** A repository that is read once and followed from then on. */
export class LiveRepository implements Repository {
  /** Grows; those who hold it see what comes. */
  readonly objectives: ReadonlyMap<string, Objective>
  /** Of the start. */
  readonly problems: readonly string[]
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
    )
    this.liveVersions = new LiveVersions(
      repository.versions,
      (directory) => reader.version(directory),
      isPublished,
    )
    this.objectives = this.liveObjectives.byName
    this.problems = repository.problems
  }

  /** By model's name, then version. Those that are gone are among them until `forget`. */
  get versions(): readonly RepositoryVersion[] {
    return [...this.liveVersions.all()].sort(byNameAndVersion)
  }

  get(key: string): RepositoryVersion | undefined {
    return this.liveVersions.get(key)
  }

  /** Why the files of a version are not what was read, if they are not. */
  problemOf(key: string): string | undefined {
    return this.liveVersions.problemOf(key)
  }

  isGone(key: string): boolean {
    return this.liveVersions.isGone(key)
  }

  /** A version that is gone is not served any more. What comes under its key again must be the same. */
  forget(key: string): void {
    this.liveVersions.forget(key)
  }

  /** Reads what is new in what stands still. Not to be called again before it has resolved. Never rejects. */
  async take({ objectives, versions }: SettledRepository): Promise<readonly RepositoryChange[]> {
    const changes: RepositoryChange[] = []
    const found = (change: RepositoryChange) => changes.push(change)
    await this.liveObjectives.take(objectives, found)
    await this.liveVersions.take(versions, found)
    return changes
  }

  /** Gives up what is being read: a `take` that is under way ends soon, and what it would have found is worth nothing. */
  stop(): void {
    this.reader.stop()
  }
}
