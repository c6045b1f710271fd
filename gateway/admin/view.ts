import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Clock } from '../../lib/clock'
import { AbortableCaller } from '../../lib/request/caller'
import { requireRole } from '../../lib/request/roles'
import { answerJson } from '../http/answerJson'
import type { ReadRequest } from '../identity/requestReader'

/** Answers a GET by the parameters of its URL; the result is sent as JSON. Throws a PresageError to refuse. */
export type View = (parameters: URLSearchParams) => Promise<unknown>

export interface ViewParts {
  readonly clock: Clock
  readonly readRequest: ReadRequest
  /** Whether a sender may see everything, whatever its roles. */
  mayAll(message: IncomingMessage): boolean
}

/** Answers an HTTP request with a view. Its client needs the role `viewer`. */
export type RunView = (message: IncomingMessage, response: ServerResponse, view: View) => Promise<void>

export function createRunView({ clock, readRequest, mayAll }: ViewParts): RunView {
  return (message, response, view) =>
    answerJson('GET', message, response, async () => {
      if (!mayAll(message))
        requireRole(await readRequest(message, clock.now(), new AbortableCaller()), 'viewer')
      const answer = await view(parametersOf(message.url ?? ''))
      response.setHeader('cache-control', 'no-store')
      return answer
    })
}

function parametersOf(url: string): URLSearchParams {
  const mark = url.indexOf('?')
  return new URLSearchParams(mark === -1 ? '' : url.slice(mark))
}
