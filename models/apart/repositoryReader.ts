import { deepFreeze } from '../../lib/deepFreeze'
import { LoadError } from '../../lib/errors'
import { getOrMake } from '../../lib/groups'
import { shortPath } from '../../lib/packagePaths'
import { TaskThread } from '../../lib/scheduling/taskThread'
import { type Pieces, runInTurns } from '../../lib/scheduling/turns'
import type { Objective } from '../contracts/objective'
import { createVocabulary, type Vocabulary } from '../contracts/vocabulary'
import {
  type FoundVersion,
  type RepositoryVersion,
  refusal,
  versionIdentity,
} from '../repository/readVersion'
import { heldVocabularies, sharedVocabulary } from '../repository/sharedVocabularies'
import type { ReadReply, ReadTask, SentVersion, VocabularyPart } from './task'

/**
 * Reads new files of a repository in a thread of its own, since one may be large or made to hang its reader. Large
 * versions have another one, so that no other version waits for them.
 */
export class RepositoryReader {
  private readonly thread: TaskThread<ReadTask, ReadReply>
  private readonly ofLarge: TaskThread<ReadTask, ReadReply>

  /** `limitMs` is how long one file may take; default as in `TaskThread`. */
  constructor(limitMs?: number) {
    this.thread = new TaskThread({ entry: 'models/apart/entry', limitMs })
    this.ofLarge = new TaskThread({ entry: 'models/apart/entry', limitMs })
  }

  /** As `readVersion`. A version that cannot be read within the limits is refused. Never rejects. */
  async version(directory: string, isLarge = false): Promise<RepositoryVersion> {
    const thread = isLarge ? this.ofLarge : this.thread
    // Keeps them from garbage collection until the version refers to them.
    const held = heldVocabularies()
    const task = { kind: 'version', directory, held: new Set(held.keys()) } as const
    try {
      const { reply, parts } = await thread.run(task, shortPath(directory))
      const version = reply as SentVersion
      if (version.state === 'refused') return version
      return await runInTurns(wholeVersion(version, parts, held))
    } catch (error) {
      if (!(error instanceof LoadError)) throw error
      return { state: 'refused', ...versionIdentity(directory), ...refusal('files', error) }
    }
  }

  /** As `readObjective`. */
  async objective(path: string): Promise<Objective> {
    const { reply } = await this.thread.run({ kind: 'objective', path }, shortPath(path))
    return deepFreeze(reply as Objective)
  }

  /** Abandons what is being read, and reads nothing more. */
  stop(): void {
    this.thread.stop()
    this.ofLarge.stop()
  }
}

function* wholeVersion(
  version: Omit<FoundVersion, 'vocabularies'>,
  parts: Iterable<unknown>,
  held: ReadonlyMap<string, Vocabulary>,
): Pieces<FoundVersion> {
  const lists = new Map<string, (string | number)[]>()
  for (const part of parts) {
    const { sha256, entries } = part as VocabularyPart
    const list = getOrMake(lists, sha256, () => [])
    for (const entry of entries) list.push(entry)
    yield
  }
  const { manifest } = version
  const vocabularies: Record<string, Vocabulary> = {}
  for (const [name, source] of Object.entries(manifest.vocabularies)) {
    const where = `vocabularies.${name}`
    if ('entries' in source) {
      vocabularies[name] = yield* createVocabulary(source.entries, where)
      continue
    }
    const { sha256 } = source
    const vocabulary = held.get(sha256) ?? (yield* createVocabulary(lists.get(sha256), where))
    vocabularies[name] = sharedVocabulary(sha256, () => vocabulary)
  }
  yield
  return { ...version, manifest: deepFreeze(manifest), vocabularies }
}
