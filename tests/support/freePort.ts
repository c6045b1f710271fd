import { once } from 'node:events'
import { createServer } from 'node:net'

/**
 * A port of 127.0.0.1 on which nobody listens at the moment. It is none of those that the system gives to whoever asks for
 * any, so that it is still free when a test comes to use it, or uses it again.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = lowest + Math.floor(Math.random() * (firstOfSystem - lowest))
    if (given.has(port)) continue
    given.add(port)
    const server = createServer().listen(port, '127.0.0.1')
    const isFree = await once(server, 'listening').then(
      () => true,
      () => false,
    )
    if (!isFree) continue
    await new Promise((resolve) => server.close(resolve))
    return port
  }
}

const given = new Set<number>()
const lowest = 12_000
/** Of Linux; other systems begin higher. */
const firstOfSystem = 32_768
