import type { AddressInfo } from 'node:net'
import { connect, createServer, type Server, type Socket } from 'node:net'

/** What a network does to a server, from now on: also to connections that are open. */
export interface Trouble {
  /** By how many milliseconds all that the server sends comes later. */
  readonly delayMs?: number
  /** After so many bytes of what the server sends next, its connection is cut. */
  readonly cutAfter?: number
}

/** A TCP proxy in front of a server at a port of this machine. */
export class TcpProxy {
  private trouble: Trouble = {}
  private server: Server | undefined
  private readonly sockets = new Set<Socket>()
  port = 0

  constructor(private readonly target: number) {}

  /** Listens at the same port each time. */
  async open(): Promise<void> {
    const server = createServer((client) => this.relay(client))
    await new Promise<void>((resolve) => server.listen(this.port, '127.0.0.1', resolve))
    this.port = (server.address() as AddressInfo).port
    this.server = server
  }

  /** Refuses connections, and ends those that are open. */
  close(): void {
    this.server?.close()
    for (const socket of this.sockets) socket.destroy()
  }

  suffer(trouble: Trouble): void {
    this.trouble = trouble
  }

  private relay(client: Socket): void {
    const server = connect(this.target, '127.0.0.1')
    const end = () => {
      client.destroy()
      server.destroy()
      this.sockets.delete(client)
    }
    this.sockets.add(client)
    for (const socket of [client, server]) socket.setNoDelay(true).on('error', end).on('close', end)
    client.on('data', (chunk) => server.write(chunk))
    server.on('data', (chunk) => {
      const { delayMs = 0, cutAfter } = this.trouble
      if (cutAfter !== undefined) {
        client.write(chunk.subarray(0, cutAfter), end)
      } else if (delayMs > 0) {
        setTimeout(() => client.write(chunk), delayMs)
      } else {
        client.write(chunk)
      }
    })
  }
}
