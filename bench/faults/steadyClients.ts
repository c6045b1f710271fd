import { Agent, request } from 'node:http'

/** One request and what became of it. */
export interface Asked {
  /** When it was to be sent, in milliseconds since the beginning. */
  readonly at: number
  /** Until its answer was whole. */
  readonly ms: number
  /** Undefined if it was answered without errors. */
  readonly failure: string | undefined
}

/** Asks a server at a steady rate over kept connections, whatever becomes of earlier requests. */
export class SteadyClients {
  readonly asked: Asked[] = []
  private readonly agent = new Agent({ keepAlive: true, maxSockets: 100 })
  private readonly timer: NodeJS.Timeout
  private readonly open = new Set<Promise<void>>()
  private sent = 0

  /** `began` is a time of `performance.now()`. */
  constructor(
    private readonly url: string,
    perSecond: number,
    private readonly began: number,
    private readonly body: (n: number) => string,
  ) {
    const from = performance.now()
    this.timer = setInterval(() => {
      while (from + (this.sent * 1000) / perSecond <= performance.now())
        this.ask(from + (this.sent * 1000) / perSecond - this.began)
    }, 5)
  }

  /** Resolves when every request has its answer. */
  async stop(): Promise<void> {
    clearInterval(this.timer)
    await Promise.all(this.open)
    this.agent.destroy()
  }

  private ask(at: number): void {
    const done = this.post(this.body(this.sent++)).then((failure) => {
      this.open.delete(done)
      this.asked.push({ at, ms: performance.now() - this.began - at, failure })
    })
    this.open.add(done)
  }

  private post(body: string): Promise<string | undefined> {
    return new Promise((resolve) => {
      const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }
      const message = request(this.url, { method: 'POST', agent: this.agent, headers }, (response) => {
        let text = ''
        response.on('data', (chunk) => {
          text += chunk
        })
        response.on('error', (error) => resolve(error.message))
        response.on('end', () => {
          const isRight = response.statusCode === 200 && !text.includes('"errors"')
          resolve(isRight ? undefined : `status ${response.statusCode}: ${text.slice(0, 300)}`)
        })
      })
      message.on('error', (error) => resolve(error.message))
      message.end(body)
    })
  }
}
