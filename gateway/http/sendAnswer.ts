import type { IncomingMessage, ServerResponse } from 'node:http'
import { errorTable, type PresageError } from '../../lib/errors'
import { answerMemory } from '../../lib/execution/answerMemory'
import { loopTurn } from '../../lib/scheduling/loopTurn'
import { extensionsOf } from '../graphql/locatedError'
import { answerTypeFor } from './answerStatus'
import { HttpRefusal } from './httpRefusal'

/** The answer to an operation. */
export interface OperationAnswer {
  readonly status: number
  readonly headers: Iterable<readonly [name: string, value: string]>
  /** A list of buffers if the response is long. */
  readonly text: string | readonly Buffer[]
  /** What stands before the text, if that was made before. It belongs to many answers. */
  readonly beginning?: readonly Buffer[]
}

export function sendAnswer(
  response: ServerResponse,
  status: number,
  contentType: string,
  text: string,
  beginning?: readonly Buffer[],
): void {
  sendWithHead(response, status, ['content-type', contentType], text, beginning)
}

/**
 * Ends a response with headers as names and values in turn; the array is appended to. Headers that were set before come
 * first. `beginning` stands before the text, and is not copied.
 */
export function sendWithHead(
  response: ServerResponse,
  status: number,
  head: string[],
  text: string,
  beginning: readonly Buffer[] = [],
): void {
  const length = Buffer.byteLength(text)
  // Pure ASCII has the same bytes in both encodings, and Latin-1 is copied without encoding.
  const encoding = length === text.length ? 'latin1' : 'utf8'
  const bytes = beginning.reduce((sum, piece) => sum + piece.length, length)
  head.push('content-length', String(bytes))
  response.writeHead(status, head)
  for (const piece of beginning) response.write(piece)
  response.end(text, encoding)
}

/**
 * Sends a long response as fast as the client reads it, in parts of turns of the event loop. Cuts the connection if the
 * client has not read all of it within `takeMs`.
 */
export function sendPieces(
  response: ServerResponse,
  status: number,
  head: string[],
  pieces: readonly Buffer[],
  takeMs: number,
  client: string,
): void {
  const length = pieces.reduce((sum, piece) => sum + piece.length, 0)
  head.push('content-length', String(length))
  response.writeHead(status, head)
  boundReading(response, length, takeMs)
  let sent = 0
  let beganAt = 0
  const begin = (): void => {
    beganAt = performance.now()
    goOn()
  }
  const goOn = (): void => {
    while (sent < pieces.length) {
      if (response.destroyed) return
      // As long as the kernel takes all, `drain` comes in the same turn.
      if (loopTurn.isOver(beganAt)) {
        loopTurn.later(client, begin)
        return
      }
      if (response.write(pieces[sent++])) continue
      response.once('drain', goOn)
      return
    }
    response.end()
  }
  begin()
}

/** Counts the memory of a long answer while its client reads it, and cuts the connection after `takeMs`. */
export function boundReading(response: ServerResponse, bytes: number, takeMs: number): void {
  const cut = setTimeout(() => response.destroy(), takeMs)
  answerMemory.hold(bytes)
  response.once('close', () => {
    clearTimeout(cut)
    answerMemory.release(bytes)
  })
}

/** In characters. The memory and time of a longer answer are bounded while its client reads it. */
export const mostUnbounded = 262_144

export function sendJson(response: ServerResponse, status: number, value: unknown): void {
  sendAnswer(response, status, 'application/json; charset=utf-8', JSON.stringify(value))
}

export function sendErrors(response: ServerResponse, status: number, errors: readonly object[]): void {
  sendJson(response, status, { errors })
}

/** Answers with the error alone, in the content type that the client accepts. Does nothing if the client has left. */
export function sendRefusal(message: IncomingMessage, response: ServerResponse, error: PresageError): void {
  if (response.destroyed) return
  const status = error instanceof HttpRefusal ? error.status : errorTable[error.code].http
  if (error.code === 'UNAUTHENTICATED') response.setHeader('www-authenticate', 'Bearer')
  if (error.code === 'OVERLOADED' || error.code === 'TOO_MANY_REQUESTS')
    response.setHeader('retry-after', '1')
  const type = `${answerTypeFor(message.headers.accept)}; charset=utf-8`
  const errors = [{ message: error.message, extensions: extensionsOf(error) }]
  sendAnswer(response, status, type, JSON.stringify({ errors }))
}

/** Longer paths are cut, so that the size of the response is bounded. */
const shownLength = 200

/** Answers 404 for a path that serves nothing. `hint` says where to look instead. */
export function sendNoSuchPath(response: ServerResponse, path: string, hint = ''): void {
  const shown = path.length > shownLength ? `${path.slice(0, shownLength - 3)}...` : path
  sendErrors(response, 404, [
    { message: `no such path: ${shown}${hint}`, extensions: { code: 'BAD_REQUEST' } },
  ])
}
