import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

/**
 * Closes responses that never got their turn. With pipelining, a client sends several requests on one connection, and
 * Node assigns the connection to their responses one by one. When the connection closes, Node tells only the response
 * that has it; code that waits for the others to close would wait forever.
 */
export class QueuedResponses {
  private readonly waiting = new WeakMap<Socket, Set<ServerResponse>>()

  /**
   * Call for every response before anything else is done with it. Returns how many of its connection have no turn yet.
   */
  watch(response: ServerResponse): number {
    if (response.socket !== null) return 0
    const { socket } = response.req
    const queue = this.waiting.get(socket) ?? this.queueOf(socket)
    queue.add(response)
    response.once('socket', () => queue.delete(response))
    return queue.size
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
