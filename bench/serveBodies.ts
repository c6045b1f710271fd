import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** Serves one answer to each body, with node:http alone, and tells the process that forked this one its port. */
export function serveBodies(answer: (body: string) => string | Promise<string>): void {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', async () => {
      const body = await answer(Buffer.concat(chunks).toString())
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
