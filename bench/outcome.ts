/**
 * What became of a request: `refused` before it was begun, `expired` in its course, `failed` for any other reason;
 * `unanswered`, nothing came of it at all.
 */
export type Outcome = 'answered' | 'refused' | 'expired' | 'failed' | 'unanswered'

/** Of a whole answer. One that has some of its predictions and lacks others is none. */
export function outcomeOf(status: number, body: Buffer): Outcome {
  if (status === 200 && !body.includes('"errors"')) return 'answered'
  if (body.includes('"DEADLINE_EXCEEDED"')) return 'expired'
  return status === 503 || status === 429 || body.includes('"OVERLOADED"') ? 'refused' : 'failed'
}
