import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Clock } from '../../lib/clock'
import { PresageError } from '../../lib/errors'
import { LeavingCaller } from '../../lib/request/caller'
import type { ClientRequest } from '../../lib/request/clientRequest'
import { requestIdHeader } from '../identity/requestId'
import type { ReadRequest } from '../identity/requestReader'
import { readJsonBody } from './requestBody'
import { sendErrors, sendJson, sendRefusal } from './sendAnswer'

/**
 * Answers a POST request at its own path. `body` is parsed JSON of any shape; the result is sent as JSON. Throws a
 * PresageError to refuse. Pages of other origins cannot send such a request, because these paths answer no CORS
 * preflight.
 */
export type Action = (request: ClientRequest, body: unknown) => Promise<unknown>

export interface ActionParts {
  readonly clock: Clock
  readonly readRequest: ReadRequest
  readonly maxBodyBytes: number
}

/** Answers an HTTP request with an action. */
export type RunAction = (message: IncomingMessage, response: ServerResponse, action: Action) => Promise<void>

export function createRunAction({ clock, readRequest, maxBodyBytes }: ActionParts): RunAction {
  return async (message, response, action) => {
    if (message.method !== 'POST') {
      response.setHeader('allow', 'POST')
      const extensions = { code: 'BAD_REQUEST' }
      return sendErrors(response, 405, [{ message: `must be a POST, got ${message.method}`, extensions }])
    }
    try {
      const caller = new LeavingCaller()
      response.once('close', () => {
        if (!response.writableFinished) caller.leave()
      })
      const request = await readRequest(message, clock.now(), caller)
      response.setHeader(requestIdHeader, request.id)
      const body = await readJsonBody(message, maxBodyBytes)
      const answer = await action(request, body)
      if (!response.destroyed) sendJson(response, 200, answer)
    } catch (error) {
      if (!(error instanceof PresageError)) throw error
      sendRefusal(message, response, error)
    }
  }
}
