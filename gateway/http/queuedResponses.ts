import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

/**
 * Closes responses that never had their turn. A client may send requests behind each other on one connection; Node gives the connection to
 * their responses one by one, and when the connection ends it tells the one that has it, and none of those that wait. Whoever waits for
 * them to close would wait for ever.
 */
export class QueuedResponses {
  private readonly waiting = new WeakMap<Socket, Set<ServerResponse>>()

  /** To be called for every response before anything is done with it. */
  watch(response: ServerResponse): void {
    if (response.socket !== null) return
    const { socket } = response.req
    const queue = this.waiting.get(socket) ?? this.queueOf(socket)
    queue.add(response)
    response.once('socket', () => queue.delete(response))
  }

  private queueOf(socket: Socket): Set<ServerResponse> {
    const queue = new Set<ServerResponse>()
    this.waiting.set(socket, queue)
    socket.once('close', () => {
      for (const response of queue) {
        response.destroy()
        response.emit('close')
      }
    })
    return queue
  }
}
