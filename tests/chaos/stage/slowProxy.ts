import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'

/** A wire to a server on this machine that can be made slow, and can be cut. */
export class SlowProxy {
  private readonly sockets = new Set<Socket>()
  private isCut = false
  /** What comes from either side is passed on so much later, in milliseconds. */
  delayMs = 0

  private constructor(
    private readonly server: Server,
    private readonly target: number,
  ) {}

  static async start(target: number): Promise<SlowProxy> {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const proxy = new SlowProxy(server, target)
    server.on('connection', (socket) => proxy.join(socket))
    return proxy
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port
  }

  /** Ends all connections, and each that comes. */
  cut(): void {
    this.isCut = true
    for (const socket of this.sockets) socket.destroy()
  }

  mend(): void {
    this.isCut = false
  }

  stop(): void {
    this.cut()
    this.server.close()
  }

  private join(one: Socket): void {
    if (this.isCut) return void one.destroy()
    const other = connect(this.target, '127.0.0.1')
    this.pass(one, other)
    this.pass(other, one)
  }

  private pass(from: Socket, to: Socket): void {
    this.sockets.add(from)
    from.on('data', (chunk) => setTimeout(() => to.writable && to.write(chunk), this.delayMs))
    from.on('error', () => to.destroy())
    from.on('close', () => {
      this.sockets.delete(from)
      to.destroy()
    })
  }
}
