import type { IncomingHttpHeaders, ServerResponse } from 'node:http'

/** What became of a call. */
export interface CallAnswer {
  readonly status: number
  readonly headers: ReadonlyMap<string, string>
  readonly text: string
}

/**
 * The response to a call that came with others in one request. It does what an exchange needs of a `ServerResponse`, and
 * keeps the answer in memory, because the frame of an answer begins with its length.
 */
export class CallResponse {
  statusCode = 200
  headersSent = false
  writableFinished = false
  destroyed = false
  private readonly headers = new Map<string, string>()
  private readonly pieces: Buffer[] = []
  private readonly listeners: (() => void)[] = []

  constructor(
    /** The headers of the call. */
    readonly req: { readonly headers: IncomingHttpHeaders },
    private readonly done: (answer: CallAnswer) => void,
  ) {}

  /** In the form in which the code for HTTP knows responses. */
  get asResponse(): ServerResponse {
    return this as unknown as ServerResponse
  }

  on(event: string, listener: () => void): this {
    if (event === 'close') this.listeners.push(listener)
    return this
  }

  once(event: string, listener: () => void): this {
    return this.on(event, listener)
  }

  setHeader(name: string, value: string | number): void {
    this.headers.set(name.toLowerCase(), String(value))
  }

  getHeader(name: string): string | undefined {
    return this.headers.get(name)
  }

  writeHead(status: number, head: readonly string[] | Readonly<Record<string, string | number>>): this {
    this.statusCode = status
    this.headersSent = true
    if (Array.isArray(head))
      for (let at = 0; at < head.length; at += 2) this.setHeader(head[at], head[at + 1])
    else for (const [name, value] of Object.entries(head)) this.setHeader(name, value)
    return this
  }

  write(piece: Buffer): true {
    this.pieces.push(piece)
    return true
  }

  end(text = ''): void {
    if (this.destroyed || this.writableFinished) return
    this.writableFinished = true
    const whole = this.pieces.length === 0 ? text : Buffer.concat(this.pieces).toString() + text
    this.done({ status: this.statusCode, headers: this.headers, text: whole })
    this.close()
  }

  /** Called when the answer can reach nobody. */
  destroy(): void {
    if (this.destroyed || this.writableFinished) return
    this.destroyed = true
    this.close()
  }

  private close(): void {
    for (const listener of this.listeners.splice(0)) listener()
  }
}
