import type { Clock } from '../../lib/clock'
import { type ErrorCode, PresageError } from '../../lib/errors'
import type { Ask } from './ask'
import type { Flight, RowOutcome } from './flight'

/** A row that another request is having predicted. */
export interface JoinedRow {
  readonly row: number
  readonly flight: Flight
}

/**
 * Answers rows with outcomes of other requests, until the deadline at most. Resolves to the rows that were given up, and
 * how many others were found in the cache.
 */
export async function joinRows(
  ask: Ask,
  joined: readonly JoinedRow[],
  clock: Clock,
): Promise<{ readonly givenUp: readonly number[]; readonly hits: number }> {
  const begun = clock.now()
  const flights = new Set(joined.map(({ flight }) => flight))
  const landed = Promise.all([...flights].map(({ done }) => done))
  await within(landed, ask.options.deadline - begun, clock)
  const givenUp: number[] = []
  let hits = 0
  let late: PresageError | undefined
  for (const { row, flight } of joined) {
    const { row: kept, segment } = flight.of(ask.keys[row]) ?? nowhere
    if (kept !== undefined) {
      if (segment === undefined) hits++
      ask.answer.made(row, kept, segment === undefined ? 'hit' : 'shared', segment)
    } else if (segment?.error !== undefined && ofTheRow.has(segment.error.code))
      ask.answer.fail(row, segment.error)
    else if (flight.isOver) givenUp.push(row)
    else {
      late ??= lateError(ask.key, clock.now() - begun)
      ask.answer.fail(row, late)
    }
  }
  return { givenUp, hits }
}

/** Errors that every request for the row would get. Other errors concern only the request that met them. */
const ofTheRow: ReadonlySet<ErrorCode> = new Set(['INFERENCE_FAILED', 'MODEL_OUTPUT_SHAPE'])

const nowhere: RowOutcome = Object.freeze({ row: undefined, segment: undefined })

/** Resolves when `done` does, or after `ms` milliseconds. */
function within(done: Promise<unknown>, ms: number, clock: Clock): Promise<void> {
  return new Promise((resolve) => {
    const cancel = clock.after(Math.max(0, ms), resolve)
    void done.then(() => {
      cancel()
      resolve()
    })
  })
}

function lateError(key: string, waitedMs: number): PresageError {
  const waited = `${Math.round(waitedMs)} ms`
  return new PresageError('DEADLINE_EXCEEDED', `${key}: no answer before the deadline, waited ${waited}`)
}
