import { systemClock } from '../../../lib/clock'
import { LoadError } from '../../../lib/errors'
import type { Model } from '../../../models/contracts/model'
import type { FoundVersion, Repository } from '../../../models/repository/repository'
import type { TriedRow, tryRows } from '../../../serving/calls/tryRows'
import { loadVersion } from '../../../serving/repository/loadVersion'
import { createShard } from '../../../workers/shard'

/** For all rows together. The limit is long because nobody else waits. */
const deadlineMs = 10 * 60_000

/** Rows per batch, so that a large file does not overflow the queue. */
const rowsAtOnce = 1000

/** A version that was loaded here, and one answer per row, in order. */
export interface LocalAnswers<Answer = TriedRow> {
  readonly model: Model
  readonly answers: readonly Answer[]
  /** The answers to the rows that also ran alone. */
  readonly alone: ReadonlyMap<number, Answer>
}

/** `tryRows` or `tryOutputs`. */
type Ask<Answer> = (...asked: Parameters<typeof tryRows>) => Promise<Answer[]>

/**
 * Loads a version as a server would, but skips its golden cases, and runs it on rows of its features. Rejects with a
 * LoadError if it cannot be loaded. `aloneToo` are places of rows that then run once more, each by itself.
 */
export async function answerLocally<Answer>(
  version: FoundVersion,
  { objectives }: Repository,
  rows: readonly unknown[],
  ask: Ask<Answer>,
  aloneToo: readonly number[] = [],
): Promise<LocalAnswers<Answer>> {
  const shard = await createShard({ name: 'local', kind: 'thread', workers: 1, inline: 'never' })
  try {
    const model = await loadVersion(version, [shard], objectives, systemClock, { checked: false })
    const deadline = systemClock.now() + deadlineMs
    const answers: Answer[] = []
    for (let from = 0; from < rows.length; from += rowsAtOnce) {
      answers.push(...(await ask(model, shard, rows.slice(from, from + rowsAtOnce), { deadline })))
    }
    const alone = new Map<number, Answer>()
    for (const place of aloneToo) {
      alone.set(place, (await ask(model, shard, [rows[place]], { deadline }))[0])
    }
    return { model, answers, alone }
  } catch (error) {
    if (!(error instanceof LoadError)) throw error
    throw new LoadError([`${version.key} is not ready: ${error.message}`])
  } finally {
    await shard.dispose()
  }
}
