import type { ServerResponse } from 'node:http'
import { HttpDrain } from '../http/httpDrain'
import { type ListenAddress, listen } from '../http/listen'
import { sendNoSuchPath } from '../http/noSuchPath'
import { createTimedServer } from '../http/timedServer'
import type { Answer } from './adminPages'

export interface AdminServerOptions {
  readonly address: ListenAddress
  readonly pages: ReadonlyMap<string, Answer>
  readonly sendTimeoutMs: number
  /** Answers a request whose page failed. */
  fail(error: unknown, response: ServerResponse): void
}

/** The listener of operators alone. */
export interface AdminServer {
  readonly url: string
  /** Ends within `graceMs`. */
  close(graceMs: number): Promise<void>
}

/** Serves the pages of operators, and nothing else, at an address of their own. Rejects with a ListenError. */
export async function startAdminServer(options: AdminServerOptions): Promise<AdminServer> {
  const { address, pages, sendTimeoutMs, fail } = options
  const server = createTimedServer(sendTimeoutMs, (message, response) => {
    const place = drain.enter(response)
    response.once('close', () => drain.leave(place))
    const [path] = (message.url ?? '/').split('?', 1)
    const page = pages.get(path)
    if (page === undefined) {
      sendNoSuchPath(response, path, `, must be one of ${[...pages.keys()].join(', ')}`)
    } else page(message, response).catch((error) => fail(error, response))
  })
  const drain = new HttpDrain(server)
  const { url } = await listen(server, 'admin', address)
  return { url, close: (graceMs) => drain.close(graceMs) }
}
