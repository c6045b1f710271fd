import { type Dispatcher, Pool } from 'undici'
import { type Outcome, outcomeOf } from './outcome'

/** A constant rate of arrivals, whatever becomes of those that came before. */
export interface OpenLoad {
  readonly perSecond: number
  readonly seconds: number
  /** Beside the content type. */
  readonly headers?: Readonly<Record<string, string>>
  /** Connections at most; a request that finds none free waits, and its latency says so. Default 256. */
  readonly connections?: number
  /** Called when the connections are open and the load is about to begin. */
  readonly onBegin?: () => Promise<void>
}

export interface OpenLoopResult {
  readonly sent: number
  /** From the first to the last intended sending. */
  readonly seconds: number
  readonly outcomes: Readonly<Record<Outcome, number>>
  /** Of what was answered, milliseconds from when the request was to be sent until its answer was whole; sorted. */
  readonly latencies: Float64Array
  /** How late the load itself was with one request in a hundred, milliseconds; part of all latencies. */
  readonly lateP99: number
  /** One answer that was neither right nor a refusal, if there was any. */
  readonly strange: string | undefined
}

/** How long answers are waited for when all has been sent; what has none then is `unanswered`. */
const graceMs = 3_000

/**
 * Sends each request when its time has come, and measures from that time. A client that waits for one answer before it asks
 * the next sends less while the server is slow, and so never sees the requests that would have suffered most ("coordinated
 * omission", Gil Tene); this one does. What is due at once, since a timer is a millisecond late or the server kept the
 * machine busy, is sent at once.
 */
export async function openLoop(
  url: string,
  load: OpenLoad,
  body: (n: number) => string,
): Promise<OpenLoopResult> {
  const { perSecond, seconds, headers = {}, connections = 256 } = load
  const { origin, pathname } = new URL(url)
  const pool = new Pool(origin, { connections, pipelining: 1, headersTimeout: 0, bodyTimeout: 0 })
  const total = Math.max(1, Math.round(perSecond * seconds))
  await openConnections(pool, pathname, connections, body)
  await load.onBegin?.()
  const run = new Run(total)
  const start = performance.now()
  const due = (n: number) => start + (n * 1000) / perSecond
  const options = {
    path: pathname,
    method: 'POST' as const,
    headers: { 'content-type': 'application/json', ...headers },
  }
  for (let next = 0; next < total; ) {
    while (next < total && due(next) <= performance.now()) {
      const intended = due(next)
      run.late[next] = performance.now() - intended
      pool.dispatch({ ...options, body: body(next) }, new Answer(run, intended))
      next++
    }
    if (next < total) await pause(due(next) - performance.now())
  }
  const end = performance.now() + graceMs
  while (run.ended < total && performance.now() < end) await pause(10)
  const result = run.result(total, (total - 1) / perSecond)
  await pool.destroy()
  return result
}

/**
 * As clients and proxies that have been there for a while: a server may accept one connection a turn of its event loop, and
 * what waits for that is not what is asked here. Each connection carries one request before the load begins.
 */
async function openConnections(
  pool: Pool,
  path: string,
  connections: number,
  body: (n: number) => string,
): Promise<void> {
  const headers = { 'content-type': 'application/json' }
  const ask = async (_: unknown, at: number) => {
    const answer = await pool.request({ path, method: 'POST', headers, body: body(at) })
    await answer.body.dump({ limit: Number.POSITIVE_INFINITY })
  }
  await Promise.all(Array.from({ length: connections }, ask))
}

/** What has come back so far. */
class Run {
  ended = 0
  isOver = false
  strange: string | undefined
  readonly late: Float64Array
  private readonly latencies: Float64Array
  private readonly outcomes: Record<Outcome, number> = {
    answered: 0,
    refused: 0,
    expired: 0,
    failed: 0,
    unanswered: 0,
  }

  constructor(total: number) {
    this.late = new Float64Array(total)
    this.latencies = new Float64Array(total)
  }

  add(outcome: Outcome, latency: number, text: string): void {
    if (this.isOver) return
    if (outcome === 'answered') this.latencies[this.outcomes.answered] = latency
    else if (outcome === 'failed') this.strange ??= text.slice(0, 300)
    this.outcomes[outcome]++
    this.ended++
  }

  result(sent: number, seconds: number): OpenLoopResult {
    this.isOver = true
    this.outcomes.unanswered = sent - this.ended
    return {
      sent,
      seconds,
      outcomes: this.outcomes,
      latencies: this.latencies.slice(0, this.outcomes.answered).sort(),
      lateP99: this.late.sort()[Math.floor(sent * 0.99)],
      strange: this.strange,
    }
  }
}

/** Takes one answer. */
class Answer implements Dispatcher.DispatchHandler {
  private status = 0
  private readonly chunks: Buffer[] = []

  constructor(
    private readonly run: Run,
    private readonly intended: number,
  ) {}

  onRequestStart(): void {}

  onResponseStart(_controller: Dispatcher.DispatchController, status: number): void {
    this.status = status
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.chunks.push(chunk)
  }

  onResponseEnd(): void {
    const latency = performance.now() - this.intended
    const body = this.chunks.length === 1 ? this.chunks[0] : Buffer.concat(this.chunks)
    const outcome = outcomeOf(this.status, body)
    this.run.add(outcome, latency, outcome === 'failed' ? `status ${this.status}: ${body}` : '')
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.run.add('failed', 0, error.message)
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
