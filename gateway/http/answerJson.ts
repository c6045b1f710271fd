import type { IncomingMessage, ServerResponse } from 'node:http'
import { PresageError } from '../../lib/errors'
import { sendErrors, sendJson, sendRefusal } from './sendAnswer'

/** Answers requests of one method with `work`'s result, or its PresageError; others with 405. Rejects otherwise. */
export async function answerJson(
  method: 'GET' | 'POST',
  message: IncomingMessage,
  response: ServerResponse,
  work: () => Promise<unknown>,
): Promise<void> {
  if (message.method !== method) {
    response.setHeader('allow', method)
    const extensions = { code: 'BAD_REQUEST' }
    return sendErrors(response, 405, [{ message: `must be a ${method}, got ${message.method}`, extensions }])
  }
  try {
    const answer = await work()
    if (!response.destroyed) sendJson(response, 200, answer)
  } catch (error) {
    if (!(error instanceof PresageError)) throw error
    sendRefusal(message, response, error)
  }
}
