import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Clock } from '../../lib/clock'
import { PresageError } from '../../lib/errors'
import { LeavingCaller } from '../../lib/request/caller'
import { requireRole } from '../../lib/request/roles'
import { sendErrors, sendJson, sendRefusal } from '../http/sendAnswer'
import type { ReadRequest } from '../identity/requestReader'

/**
 * Answers a GET request at its own path, by the parameters of its URL. The result is sent as JSON. Throws a PresageError
 * to refuse.
 */
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
  return async (message, response, view) => {
    if (message.method !== 'GET') {
      response.setHeader('allow', 'GET')
      const extensions = { code: 'BAD_REQUEST' }
      return sendErrors(response, 405, [{ message: `must be a GET, got ${message.method}`, extensions }])
    }
    try {
      if (!mayAll(message))
        requireRole(await readRequest(message, clock.now(), new LeavingCaller()), 'viewer')
      const answer = await view(parametersOf(message.url ?? ''))
      response.setHeader('cache-control', 'no-store')
      if (!response.destroyed) sendJson(response, 200, answer)
    } catch (error) {
      if (!(error instanceof PresageError)) throw error
      sendRefusal(message, response, error)
    }
  }
}

function parametersOf(url: string): URLSearchParams {
  const mark = url.indexOf('?')
  return new URLSearchParams(mark === -1 ? '' : url.slice(mark))
}
