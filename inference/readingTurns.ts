import type { EventEmitter } from 'node:events'
import type { Socket } from 'node:net'
import { invariant } from '../lib/invariant'
import { nextTurn } from '../lib/scheduling/turns'

/**
 * Has the connections of each client read in turns. A call or request costs this thread most before it can wait in a
 * queue, and the system hands over thousands in one turn of the event loop. So once a client has begun enough of them in
 * a turn, none of its connections is read until others have had some turns.
 */
export class ReadingTurns {
  private readonly clients = new Map<string, ClientConnections>()
  private readonly connections = new Map<Socket, Connection>()

  /** Whether there is no connection. */
  get isEmpty(): boolean {
    return this.clients.size === 0
  }

  /** Call for each connection, with what emits 'close' when it ends. */
  follow(socket: Socket, closing: EventEmitter): void {
    const { remoteAddress: address = '', _handle: handle } = socket as Socket & Hidden
    invariant(handle, 'the socket of an open connection must have a handle')
    const client = this.clients.get(address) ?? new ClientConnections()
    this.clients.set(address, client)
    client.add(handle)
    this.connections.set(socket, { client, handle })
    closing.once('close', () => {
      this.connections.delete(socket)
      client.remove(handle)
      if (client.isEmpty) this.clients.delete(address)
    })
  }

  /** Call for each call or request that begins on a connection; `calls` says how much else costs, in calls. */
  work(socket: Socket, calls = 1): void {
    const connection = this.connections.get(socket)
    connection?.client.work(connection.handle, calls)
  }
}

interface Connection {
  readonly client: ClientConnections
  readonly handle: Handle
}

class ClientConnections {
  /** In the order in which they are to be read. */
  private readonly handles = new Set<Handle>()
  /** What was done in this turn of the event loop, in calls. */
  private done = 0
  private isResting = false
  private isCounting = false

  get isEmpty(): boolean {
    return this.handles.size === 0
  }

  add(handle: Handle): void {
    this.handles.add(handle)
    if (this.isResting) handle.readStop()
  }

  remove(handle: Handle): void {
    this.handles.delete(handle)
  }

  /** Something that came on the connection has cost so much. */
  work(handle: Handle, calls: number): void {
    this.done += calls
    if (!this.isCounting) void this.count()
    if (this.isResting || this.done < mostCalls) return
    this.isResting = true
    // What a connection still has in the buffer that was read last comes all the same.
    for (const one of this.handles) one.readStop()
    // Next time, the others are read first.
    if (this.handles.delete(handle)) this.handles.add(handle)
  }

  private async count(): Promise<void> {
    this.isCounting = true
    await nextTurn()
    if (this.isResting) for (let turn = 0; turn < restTurns; turn++) await nextTurn()
    this.isCounting = false
    this.done = 0
    if (!this.isResting) return
    this.isResting = false
    for (const handle of this.handles) handle.readStart()
  }
}

/** Some milliseconds of work. */
const mostCalls = 32
/** As many turns as a call of another client has. */
const restTurns = 4

interface Handle {
  readStart(): number
  readStop(): number
}

/** What sockets have that Node does not document: it reads from the handle, and from nothing that can be paused. */
interface Hidden {
  readonly _handle: Handle | null
}
