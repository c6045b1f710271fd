import type { IncomingMessage } from 'node:http'
import { PresageError } from '../../lib/errors'

/** Reads a body. Rejects with `BODY_TOO_LARGE` as soon as it exceeds `maxBytes`, `CANCELLED` if the client goes away. */
export function readBytes(message: IncomingMessage, maxBytes: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const refuse = () =>
      reject(new PresageError('BODY_TOO_LARGE', `body: must be at most ${maxBytes} bytes, got more`))
    if (Number(message.headers['content-length']) > maxBytes) return refuse()
    const chunks: Buffer[] = []
    let bytes = 0
    message.on('data', (chunk: Buffer) => {
      bytes += chunk.length
      if (bytes > maxBytes) refuse()
      else chunks.push(chunk)
    })
    message.on('end', () => resolve(chunks.length === 1 ? chunks[0] : Buffer.concat(chunks)))
    message.on('close', () => {
      if (!message.complete) reject(new PresageError('CANCELLED', 'body: the client went away'))
    })
  })
}
