import type { ServerHttp2Stream } from 'node:http2'
import { type BodyBytes, type BodyMemory, bodyMemory } from '../../gateway/http/requestBody'
import { invariant } from '../../lib/invariant'
import type { ServerInterceptor, StatusObject } from '../../workers/protocol/grpc'

/**
 * Counts messages that have not come whole in the memory for bodies, as bodies over HTTP count: the library keeps the
 * pieces of each until it is whole, its own limit is for one message, and streams and connections are many.
 *
 * The library tells interceptors only of whole messages, so this one listens to the call's stream, which is not public.
 */
export function countMessages(
  statusOf: (error: unknown) => StatusObject,
  memory: BodyMemory = bodyMemory,
): ServerInterceptor {
  return (_, call) => {
    const { stream } = call as unknown as { readonly stream?: ServerHttp2Stream }
    invariant(stream, 'a gRPC call must have a stream')
    let bytes = 0
    let held: BodyBytes | undefined
    let isRefused = false
    const release = () => held?.release()
    // Before the library's own listener, which drops what comes for a call that has its status.
    stream.prependListener('data', (chunk: Buffer) => {
      bytes += chunk.length
      if (isRefused || bytes <= memory.free) return
      held ??= memory.open(clientOf(call.getPeer()))
      try {
        held.grow(bytes)
      } catch (error) {
        isRefused = true
        call.sendStatus(statusOf(error))
        // The library keeps what has come while the client may send more. First the status leaves.
        setImmediate(() => stream.close())
      }
    })
    stream.on('end', release)
    stream.on('close', release)
    return call as ReturnType<ServerInterceptor>
  }
}

/** The peer's address without the port, which is another for each connection. */
export function clientOf(peer: string): string {
  return peer.replace(/:\d+$/, '')
}
