import type { ServerHttp2Stream } from 'node:http2'
import { type BodyBytes, bodyMemory } from '../../gateway/http/requestBody'
import { type Clock, Deadlines, type Expirable } from '../../lib/clock'
import { PresageError, show } from '../../lib/errors'
import { invariant } from '../../lib/invariant'
import type { ServerInterceptor, StatusObject } from '../../workers/protocol/grpc'
import { sendTimeoutMs } from '../sendTimeout'

/**
 * Bounds messages that have not come whole. They count in the memory for bodies, as bodies over HTTP count: the library
 * keeps the pieces of each until it is whole, its own limit is for one message, and streams and connections are many. And
 * they must be whole in time, since the library keeps a call for as long as its client says nothing.
 *
 * The library tells interceptors only of whole messages, so this one listens to the call's stream, which is not public.
 *
 * Calls with compressed messages are refused, as over HTTP: the library unpacks the messages of all calls side by side, and
 * each may become a thousand times as long as what has been counted.
 */
export function boundMessages(statusOf: (error: unknown) => StatusObject, clock: Clock): ServerInterceptor {
  const deadlines = new Deadlines<Expirable>(clock)
  return (_, call) => {
    const { stream, incomingEncoding } = call as unknown as Partial<Hidden>
    invariant(stream && incomingEncoding, 'a gRPC call must have a stream and an encoding')
    let bytes = 0
    let held: BodyBytes | undefined
    let isRefused = false
    const refuse = (error: unknown) => {
      isRefused = true
      call.sendStatus(statusOf(error))
      // The library keeps what has come while the client may send more. First the status leaves.
      setImmediate(() => stream.close())
    }
    const expire = () => {
      if (!isRefused) refuse(tooSlow)
    }
    const place = deadlines.add({ dueAt: clock.now() + sendTimeoutMs, expire })
    const end = () => {
      held?.release()
      deadlines.remove(place)
    }
    // Before the library's own listener, which drops what comes for a call that has its status.
    stream.prependListener('data', (chunk: Buffer) => {
      bytes += chunk.length
      if (isRefused || bytes <= bodyMemory.free) return
      held ??= bodyMemory.open(clientOf(call.getPeer()))
      try {
        held.grow(bytes)
      } catch (error) {
        refuse(error)
      }
    })
    stream.on('end', end)
    stream.on('close', end)
    if (incomingEncoding !== 'identity')
      refuse(
        new PresageError('NOT_SUPPORTED', `grpc-encoding: must be identity, got ${show(incomingEncoding)}`),
      )
    return call as ReturnType<ServerInterceptor>
  }
}

const tooSlow = new PresageError(
  'DEADLINE_EXCEEDED',
  `message: must be whole within ${sendTimeoutMs / 1000} seconds`,
)

/** What the library's calls have beside what it documents. */
interface Hidden {
  readonly stream: ServerHttp2Stream
  /** Of messages with the flag for compressed ones. */
  readonly incomingEncoding: string
}

/** The peer's address without the port, which is another for each connection. */
export function clientOf(peer: string): string {
  return peer.replace(/:\d+$/, '')
}
