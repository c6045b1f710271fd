import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Clock } from '../../lib/clock'
import { AbortableCaller } from '../../lib/request/caller'
import type { ClientRequest } from '../../lib/request/clientRequest'
import { type ReadRequest, requestIdHeader } from '../identity/requestReader'
import { answerJson } from './answerJson'
import { bodyMemory, parseBody, readBody, requireType } from './requestBody'

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

export type RunAction = (message: IncomingMessage, response: ServerResponse, action: Action) => Promise<void>

export function createRunAction({ clock, readRequest, maxBodyBytes }: ActionParts): RunAction {
  return (message, response, action) =>
    answerJson('POST', message, response, async () => {
      const caller = new AbortableCaller()
      response.once('close', () => {
        if (!response.writableFinished) caller.leave()
      })
      const request = await readRequest(message, clock.now(), caller)
      response.setHeader(requestIdHeader, request.id)
      requireType(message)
      const held = bodyMemory.open(request.client)
      const body = await readBody(message, maxBodyBytes, held)
      held.release()
      return action(request, parseBody(message, body))
    })
}
