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
  const asker: Asker = {
    ask(sent) {
      return askOnce(sent).catch((error: LostError) => {
        // The server had closed the connection since its last answer; whoever keeps connections asks again.
        if (!error.isOfKept) throw error
        return askOnce(sent)
      })
    },
    close: () => agent.destroy(),
  }
  return asker

  function askOnce(sent: Sent): Promise<Received> {
    const { body, method = 'POST', path = '/graphql', search = '', headers = jsonHeaders } = sent
    const start = performance.now()
    return new Promise((resolve, reject) => {
      const place = { hostname, port, path: path + search, method, agent, headers }
      const message = request(place, (response) => {
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
      message.on('error', (error) => reject(Object.assign(error, { isOfKept: message.reusedSocket })))
      message.end(body)
    })
  }
}

interface LostError extends Error {
  readonly code?: string
  readonly isOfKept?: boolean
}

const jsonHeaders = { 'content-type': 'application/json' }
