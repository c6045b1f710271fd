import type { IncomingHttpHeaders } from 'node:http'
import { PresageError, show } from '../../lib/errors'

/** With this header, clients with the role `researcher` ask for versions of their choice. */
const overrideHeader = 'x-presage-override'

/**
 * Reads `PREDICT_RATING=rating-predictor@2, ABUSE_SCORE=abuse-score@1` to the wanted version by objective. Whether they
 * exist is for routing to check. Undefined without the header; throws BAD_REQUEST for any other form.
 */
export function readOverrides(headers: IncomingHttpHeaders): ReadonlyMap<string, string> | undefined {
  const text = headers[overrideHeader]
  if (text === undefined) return undefined
  const overrides = new Map<string, string>()
  for (const entry of String(text).split(',')) {
    const [, objective, model] = entryForm.exec(entry) ?? []
    if (objective === undefined) {
      throw refusal(
        `must be OBJECTIVE=name@version, or several with commas between, got ${show(entry.trim())}`,
      )
    }
    if (overrides.has(objective)) throw refusal(`must name ${objective} once, got it twice`)
    overrides.set(objective, model)
  }
  return overrides
}

const entryForm = /^\s*([A-Za-z_][A-Za-z0-9_]*)\s*=\s*([A-Za-z0-9_.-]+@[A-Za-z0-9_.-]+)\s*$/

function refusal(message: string): PresageError {
  return new PresageError('BAD_REQUEST', `${overrideHeader}: ${message}`)
}
