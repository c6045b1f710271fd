import { connect, type Socket, type TcpNetConnectOpts } from 'node:net'
import { AnswerReader, type RawAnswer } from './rawAnswer'

/**
 * Connections to one server, kept open, on which prepared requests are written as they are. The load shares the machine with what it
 * measures: a client of `node:http` or undici takes 50 µs and more for each request, and this one some 15.
 */
export class RawClient {
  private readonly free: Connection[] = []
  private readonly waiting: Sending[] = []
  private readonly all: Connection[] = []

  private constructor(
    private readonly url: URL,
    private readonly localAddress: string | undefined,
  ) {}

  /** `localAddress`: where the connections come from; by default the system decides. */
  static async open(url: string, connections: number, localAddress?: string): Promise<RawClient> {
    const client = new RawClient(new URL(url), localAddress)
    await Promise.all(Array.from({ length: connections }, () => client.add()))
    return client
  }

  /** The bytes of a POST of JSON to the path, by default the URL's; `headers` beside the content type. */
  prepare(body: string, headers: Readonly<Record<string, string>> = {}, path = this.url.pathname): Buffer {
    const { host } = this.url
    const named = { host, 'content-type': 'application/json', ...headers }
    const head = Object.entries(named).map(([name, value]) => `${name}: ${value}\r\n`)
    const length = `content-length: ${Buffer.byteLength(body)}\r\n`
    return Buffer.from(`POST ${path} HTTP/1.1\r\n${head.join('')}${length}\r\n${body}`)
  }

  /** Writes it on a connection that is free, or on the first that becomes so. */
  send(request: Buffer, taker: Taker): void {
    const connection = this.free.pop()
    if (connection === undefined) this.waiting.push({ request, taker })
    else connection.send(request, taker)
  }

  close(): void {
    for (const { socket } of this.all) socket.destroy()
  }

  private add(): Promise<void> {
    const { hostname, port } = this.url
    return new Promise((resolve, reject) => {
      const to = { host: hostname, port: Number(port), localAddress: this.localAddress }
      const connection = new Connection(to, (one) => this.freed(one))
      this.all.push(connection)
      connection.socket.once('connect', () => {
        connection.socket.off('error', reject)
        this.free.push(connection)
        resolve()
      })
      connection.socket.once('error', reject)
    })
  }

  private freed(connection: Connection): void {
    const next = this.waiting.shift()
    if (next === undefined) this.free.push(connection)
    else connection.send(next.request, next.taker)
  }
}

/** Is told what becomes of a request; `body` is valid for the time of the call. */
export interface Taker {
  onAnswer(answer: RawAnswer): void
  /** The connection ended without a whole answer. */
  onFailure(problem: string): void
}

interface Sending {
  readonly request: Buffer
  readonly taker: Taker
}

/** All read into the same bytes: what is read is looked at before anything else is. */
const shared = Buffer.allocUnsafeSlow(256 * 1024)

class Connection {
  readonly socket: Socket
  private readonly reader = new AnswerReader()
  private taker: Taker | undefined

  constructor(
    to: TcpNetConnectOpts,
    private readonly whenFree: (connection: Connection) => void,
  ) {
    const callback = (length: number) => {
      this.read(shared.subarray(0, length))
      return true
    }
    this.socket = connect({ ...to, noDelay: true, onread: { buffer: shared, callback } })
    this.socket.on('error', (error) => this.fail(error.message))
    this.socket.on('close', () => this.fail('the connection was closed'))
  }

  send(request: Buffer, taker: Taker): void {
    this.taker = taker
    if (this.socket.destroyed) this.fail('the connection was closed')
    else this.socket.write(request)
  }

  private read(chunk: Buffer): void {
    let answer: RawAnswer | undefined
    try {
      answer = this.reader.read(chunk)
    } catch (error) {
      this.socket.destroy(error as Error)
    }
    if (answer === undefined) return
    const { taker } = this
    this.taker = undefined
    taker?.onAnswer(answer)
    this.whenFree(this)
  }

  private fail(problem: string): void {
    const { taker } = this
    this.taker = undefined
    taker?.onFailure(problem)
    // Whoever waits is told so too, and does not wait for a connection that never comes. One by one: many may wait.
    if (taker !== undefined) queueMicrotask(() => this.whenFree(this))
  }
}
