import type { ServerResponse } from 'node:http'
import { type ListenAddress, listen } from '../http/listen'
import { sendNoSuchPath } from '../http/sendAnswer'
import { createTimedServer, HttpDrain } from '../http/timedServer'
import type { Answer } from './adminPages'

export interface AdminServerOptions {
  readonly address: ListenAddress
  readonly pages: ReadonlyMap<string, Answer>
  readonly sendTimeoutMs: number
  /** Answers a request whose page threw. */
  fail(error: unknown, response: ServerResponse): void
}

export interface AdminServer {
  readonly url: string
  /** Takes at most `graceMs`. */
  close(graceMs: number): Promise<void>
}

/** Serves the operators' pages, and nothing else, at their own address. Rejects with a ListenError. */
export async function startAdminServer(options: AdminServerOptions): Promise<AdminServer> {
  const { address, pages, sendTimeoutMs, fail } = options
  const drain = new HttpDrain()
  const server = createTimedServer(sendTimeoutMs, (message, response) => {
    drain.enter(response)
    const [path] = (message.url ?? '/').split('?', 1)
    const page = pages.get(path)
    if (page === undefined) {
      sendNoSuchPath(response, path, `, must be one of ${[...pages.keys()].join(', ')}`)
    } else page(message, response).catch((error) => fail(error, response))
  })
  server.on('connection', (socket) => drain.follow(socket))
  const { url } = await listen(server, 'admin', address)
  return { url, close: (graceMs) => drain.close(server, graceMs) }
}
