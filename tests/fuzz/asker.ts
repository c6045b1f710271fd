import { Agent, type IncomingHttpHeaders, type OutgoingHttpHeaders, request } from 'node:http'

/** A request to /graphql; a POST unless said. */
export interface Sent {
  readonly body?: string | Buffer
  readonly method?: string
  readonly path?: string
  readonly search?: string
  readonly headers?: OutgoingHttpHeaders
}

export interface Received {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly text: string
  readonly milliseconds: number
}

export interface Asker {
  ask(sent: Sent): Promise<Received>
  close(): void
}

/** Asks a server at this address, by connections that stay open. */
export function createAsker(origin: string): Asker {
  const agent = new Agent({ keepAlive: true, maxSockets: 8 })
  const { hostname, port } = new URL(origin)
  return {
    ask({ body, method = 'POST', path = '/graphql', search = '', headers = jsonHeaders }) {
      const start = performance.now()
      return new Promise((resolve, reject) => {
        const sent = { hostname, port, path: path + search, method, agent, headers }
        const message = request(sent, (response) => {
          const chunks: Buffer[] = []
          response.on('data', (chunk: Buffer) => chunks.push(chunk))
          response.on('error', reject)
          response.on('end', () =>
            resolve({
              status: response.statusCode ?? 0,
              headers: response.headers,
              text: Buffer.concat(chunks).toString(),
              milliseconds: performance.now() - start,
            }),
          )
        })
        message.on('error', reject)
        message.end(body)
      })
    },
    close: () => agent.destroy(),
  }
}

const jsonHeaders = { 'content-type': 'application/json' }
