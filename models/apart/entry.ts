import '../../lib/scheduling/giveWayFirst'
import { shortPath } from '../../lib/packagePaths'
import { answerTasks, type TaskLink } from '../../lib/scheduling/answerTasks'
import { readObjective } from '../objectives/readObjective'
import { type ReadVersionOptions, readVersion } from '../repository/readVersion'
import type { ReadReply, ReadTask, SentVersion, VocabularyPart } from './task'

/** The main module of the thread that reads repositories. */
answerTasks((task: ReadTask, link): ReadReply => {
  if (task.kind === 'objective') return readObjective(task.path)
  return sendVersion(task.directory, task.held, link)
})

/** Few enough for the other thread to receive without blocking noticeably. */
const partEntries = 256

function sendVersion(directory: string, held: ReadonlySet<string>, { at, part }: TaskLink): SentVersion {
  const known = new Set(held)
  const vocabularyOf: ReadVersionOptions['vocabularyOf'] = (sha256, read) => {
    // A version may have two names for one vocabulary.
    if (known.has(sha256)) return notRead
    known.add(sha256)
    const vocabulary = read()
    const { entries } = vocabulary
    for (let from = 0; from < entries.length; from += partEntries) {
      part({ sha256, entries: entries.slice(from, from + partEntries) } satisfies VocabularyPart)
    }
    return vocabulary
  }
  const version = readVersion(directory, { at: (path) => at(shortPath(path)), vocabularyOf })
  if (version.state === 'refused') return version
  const { vocabularies: _, ...sent } = version
  return sent
}

const notRead = { entries: [], positions: new Map<string, number>() }
