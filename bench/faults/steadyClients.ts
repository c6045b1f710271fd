/** Somebody whom requests are sent to. */
export interface Target {
  /** Never rejects. */
  post(body: string): Promise<Outcome>
  close(): void
}

export interface Outcome {
  /** Undefined if it was answered without errors. */
  readonly failure: string | undefined
  /** Whether it was sent twice. */
  readonly isRetried: boolean
}

/** One request and what became of it. */
export interface Asked extends Outcome {
  /** When it was to be sent, in milliseconds since the beginning. */
  readonly at: number
  /** Until its answer was whole. */
  readonly ms: number
}

/** Sends requests at a steady rate, whatever becomes of earlier ones. */
export class SteadyClients {
  readonly asked: Asked[] = []
  private readonly timer: NodeJS.Timeout
  private readonly open = new Set<Promise<void>>()
  private sent = 0

  /** `began` is a time of `performance.now()`. */
  constructor(
    private readonly target: Target,
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
    this.target.close()
  }

  private ask(at: number): void {
    const done = this.target.post(this.body(this.sent++)).then((outcome) => {
      this.open.delete(done)
      this.asked.push({ at, ms: performance.now() - this.began - at, ...outcome })
    })
    this.open.add(done)
  }
}
