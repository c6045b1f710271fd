import type { AddressInfo, Server } from 'node:net'
import { httpUrl } from '../../lib/addresses/httpUrl'

export interface ListenAddress {
  readonly host: string
  /** 0 takes any free port. */
  readonly port: number
}

/** Which server it is: for clients of the graph, for operators, or for clients of models, over HTTP or gRPC. */
export type ListenerName = 'graph' | 'admin' | 'inference' | 'inferenceGrpc'

export class ListenError extends Error {
  override readonly name = 'ListenError'

  constructor(
    readonly listener: ListenerName,
    readonly address: ListenAddress,
    override readonly cause: NodeJS.ErrnoException,
  ) {
    super(`${address.host}:${address.port}: ${cause.message}`)
  }
}

/** Resolves, in the turn in which the server listens, with its URL without a path. Rejects with a ListenError. */
export async function listen(
  server: Server,
  listener: ListenerName,
  address: ListenAddress,
): Promise<{ readonly url: string; readonly port: number }> {
  await new Promise<void>((resolve, reject) => {
    const fail = (error: Error) => reject(new ListenError(listener, address, error))
    server.once('error', fail)
    server.listen(address.port, address.host, () => {
      server.off('error', fail)
      resolve()
    })
  })
  const { port } = server.address() as AddressInfo
  return { url: httpUrl(address.host, port), port }
}
