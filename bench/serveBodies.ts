import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

const refusal = JSON.stringify({ errors: [{ message: 'too many', extensions: { code: 'OVERLOADED' } }] })

/**
 * Serves one answer to each body, with node:http alone, and tells the process that forked this one its port. While `most` requests are
 * inside, all others are refused before anything of them is read.
 */
export function serveBodies(
  answer: (body: string) => string | Promise<string>,
  most = Number.POSITIVE_INFINITY,
): void {
  let inside = 0
  const server = createServer((request, response) => {
    if (inside >= most) {
      response.writeHead(503, {
        'content-type': 'application/json',
        'content-length': refusal.length,
        'retry-after': '1',
      })
      response.end(refusal)
      return
    }
    inside++
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', async () => {
      const body = await answer(Buffer.concat(chunks).toString())
      inside--
      response.writeHead(200, {
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(body),
      })
      response.end(body)
    })
  })
  server.listen(0, '127.0.0.1', () => process.send?.({ port: (server.address() as AddressInfo).port }))
  process.on('disconnect', () => process.exit(0))
}
