import type { IncomingMessage } from 'node:http'
import { PresageError, show } from '../../lib/errors'
import { columnsType } from '../graphql/columnList'
import { readSentColumns } from '../graphql/entityColumns'

/**
 * Reads a JSON body, or one of entities by columns as text. Throws BODY_TOO_LARGE as soon as it exceeds `maxBytes`, so that no more is kept in memory;
 * BAD_REQUEST if it is not JSON in UTF-8 or does not parse; CANCELLED if the client goes away.
 */
export function readJsonBody(message: IncomingMessage, maxBytes: number): Promise<unknown> {
  return new Promise((resolve, reject) => {
    requireType(message)
    const refuse = () =>
      reject(
        new PresageError('BODY_TOO_LARGE', `body: must be at most ${maxBytes} bytes, got more`, { maxBytes }),
      )
    if (Number(message.headers['content-length']) > maxBytes) {
      refuse()
      return
    }
    // Most bodies come in one chunk.
    let first: Buffer | undefined
    let others: Buffer[] | undefined
    let bytes = 0
    message.on('data', (chunk: Buffer) => {
      bytes += chunk.length
      if (bytes > maxBytes) refuse()
      else if (first === undefined) first = chunk
      else {
        others ??= [first]
        others.push(chunk)
      }
    })
    message.on('end', () => {
      const whole = others === undefined ? first : Buffer.concat(others)
      try {
        resolve(parseBody(message, whole === undefined ? '' : textOf(whole)))
      } catch (error) {
        reject(error)
      }
    })
    // The only error of a request is a lost connection, and 'close' follows that.
    message.on('close', () => {
      if (!message.complete) reject(new PresageError('CANCELLED', 'body: the client went away'))
    })
  })
}

/** Parses a body of one of the types that are read. Throws BAD_REQUEST. */
export function parseBody({ headers }: Pick<IncomingMessage, 'headers'>, text: string): unknown {
  try {
    return headers['content-type'] === columnsType ? readSentColumns(text) : JSON.parse(text)
  } catch (error) {
    throw new PresageError('BAD_REQUEST', `body: must be JSON, got ${(error as SyntaxError).message}`)
  }
}

/** The text without a byte order mark, which some clients send. */
function textOf(whole: Buffer): string {
  const text = whole.toString('utf8')
  return text.charCodeAt(0) === 0xfeff ? text.slice(1) : text
}

/** Throws if a body lists more operations than it may. */
export function checkOperations(body: unknown, maximum: number): void {
  if (!Array.isArray(body) || (maximum > 1 && body.length <= maximum)) return
  const count = body.length
  throw new PresageError(
    'OPERATION_TOO_LARGE',
    maximum === 1
      ? `body: must be one operation, got a list of ${count}; batching is off (limits.operations is 1)`
      : `body: may hold at most ${maximum} operations, got ${count}`,
    { limit: 'operations', count, maximum },
  )
}

/** A content type or encoding that we do not read; its status is 415. */
export class UnsupportedBody extends PresageError {}

function requireType(message: IncomingMessage): void {
  const type = message.headers['content-type'] ?? ''
  if (type === columnsType) return
  if (type === 'application/json' && message.headers['content-encoding'] === undefined) return
  const [media, ...parameters] = type.split(';').map((part) => part.trim().toLowerCase())
  if (media !== 'application/json') {
    throw new UnsupportedBody('BAD_REQUEST', `content-type: must be application/json, got ${show(type)}`)
  }
  const charset = parameters.find((parameter) => parameter.startsWith('charset='))
  if (charset !== undefined && !/^charset="?utf-?8"?$/.test(charset)) {
    throw new UnsupportedBody('BAD_REQUEST', `content-type: must be in UTF-8, got ${show(type)}`)
  }
  const encoding = message.headers['content-encoding'] ?? 'identity'
  if (encoding.toLowerCase() !== 'identity') {
    throw new UnsupportedBody('BAD_REQUEST', `content-encoding: must be absent, got ${show(encoding)}`)
  }
}
