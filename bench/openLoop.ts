import { type Outcome, outcomeOf } from './outcome'
import { now, Punctual } from './punctual'
import type { RawAnswer } from './rawAnswer'
import { RawClient, type Taker } from './rawClient'
import { seededRandom } from './seededRandom'

/** So many arrivals a second, whatever becomes of those that came before. */
export interface OpenLoad {
  readonly perSecond: number
  readonly seconds: number
  /** Beside the content type. */
  readonly headers?: Readonly<Record<string, string>>
  /** Where the connections come from; by default the system decides. */
  readonly localAddress?: string | undefined
  /** A request that finds none free waits, and its latency says so. Default 256. */
  readonly connections?: number
  /** Of the n-th request; default the URL's. */
  readonly path?: (n: number) => string
  /** Called when the connections are open and the load is about to begin. */
  readonly onBegin?: () => Promise<void>
  /**
   * With a seed requests come at random, none depending on another, as where many people ask (a Poisson process), each at its own time; the same seed
   * gives the same times. Without: at equal distances, those of a millisecond or two together, which takes the least of the machine.
   */
  readonly seed?: number
}

export interface OpenLoopResult {
  readonly sent: number
  /** From the first to the last intended sending. */
  readonly seconds: number
  readonly outcomes: Readonly<Record<Outcome, number>>
  /** Of what was answered, milliseconds from when the request was to be sent until its answer was whole; sorted. */
  readonly latencies: Float64Array
  /** The same from when it was sent: what it is to a client whose machine is its own. */
  readonly sinceSent: Float64Array
  /** How late the load itself was with one request in a hundred, milliseconds; part of `latencies`. */
  readonly lateP99: number
  /** One answer that was neither right nor a refusal, if there was any. */
  readonly strange: string | undefined
}

/** How long answers are waited for when all has been sent; what has none then is `unanswered`. */
const graceMs = 3_000

/**
 * Sends each request when its time has come, and measures from that time. A client that waits for one answer before it asks
 * the next sends less while the server is slow, and so never sees the requests that would have suffered most ("coordinated
 * omission", Gil Tene); this one does. What is due at once, since a timer is late or the server kept the
 * machine busy, is sent at once. All requests are prepared before the first is sent.
 */
export async function openLoop(
  url: string,
  load: OpenLoad,
  body: (n: number) => string,
): Promise<OpenLoopResult> {
  const { perSecond, seconds, headers = {}, connections = 256, localAddress, seed, path } = load
  const total = Math.max(1, Math.round(perSecond * seconds))
  const client = await RawClient.open(url, connections, localAddress)
  const prepare = (n: number) => client.prepare(body(n), headers, path?.(n))
  await warm(client, connections, prepare)
  const requests = Array.from({ length: total }, (_, n) => prepare(n))
  const due = arrivals(total, perSecond, seed)
  const punctual = seed === undefined ? undefined : await Punctual.start()
  await load.onBegin?.()
  const run = new Run(total)
  const start = now()
  for (let n = 0; n < total; n++) due[n] += start
  let next = 0
  const sendDue = () => {
    for (let time = now(); next < total && due[next] <= time; next++) {
      run.late[next] = time - due[next]
      client.send(requests[next], new Sent(run, due[next], time))
    }
  }
  if (punctual !== undefined) await punctual.run(due, sendDue)
  else for (sendDue(); next < total; sendDue()) await pause(due[next] - now())
  const end = now() + graceMs
  while (run.ended < total && now() < end) await pause(10)
  const result = run.result(total, (total - 1) / perSecond)
  client.close()
  return result
}

/**
 * When so many requests are to be sent, in order, milliseconds from the start: at equal distances, or with a seed those of a Poisson process that had so
 * many arrivals in this time, where each is anywhere in it.
 */
export function arrivals(total: number, perSecond: number, seed?: number): Float64Array {
  if (seed === undefined) {
    return Float64Array.from({ length: total }, (_, n) => (n * 1000) / perSecond)
  }
  const random = seededRandom(seed)
  return Float64Array.from({ length: total }, () => (random() * total * 1000) / perSecond).sort()
}

/**
 * As clients and proxies that have been there for a while: a server may accept one connection a turn of its event loop, and
 * what waits for that is not what is asked here. Each connection carries one request before the load begins.
 */
async function warm(client: RawClient, connections: number, prepare: (n: number) => Buffer): Promise<void> {
  const ask = (at: number) =>
    new Promise<void>((resolve, reject) => {
      const onFailure = (problem: string) => reject(new Error(problem))
      client.send(prepare(at), { onAnswer: () => resolve(), onFailure })
    })
  await Promise.all(Array.from({ length: connections }, (_, at) => ask(at)))
}

/** What has come back so far. */
class Run {
  ended = 0
  isOver = false
  strange: string | undefined
  readonly late: Float64Array
  private readonly latencies: Float64Array
  private readonly sinceSent: Float64Array
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
    this.sinceSent = new Float64Array(total)
  }

  add(outcome: Outcome, latency: number, sinceSent: number): void {
    if (this.isOver) return
    if (outcome === 'answered') {
      this.latencies[this.outcomes.answered] = latency
      this.sinceSent[this.outcomes.answered] = sinceSent
    }
    this.outcomes[outcome]++
    this.ended++
  }

  result(sent: number, seconds: number): OpenLoopResult {
    this.isOver = true
    const { answered } = this.outcomes
    this.outcomes.unanswered = sent - this.ended
    return {
      sent,
      seconds,
      outcomes: this.outcomes,
      latencies: this.latencies.slice(0, answered).sort(),
      sinceSent: this.sinceSent.slice(0, answered).sort(),
      lateP99: this.late.sort()[Math.floor(sent * 0.99)],
      strange: this.strange,
    }
  }
}

/** One request and what becomes of it. */
class Sent implements Taker {
  constructor(
    private readonly run: Run,
    private readonly intended: number,
    private readonly sentAt: number,
  ) {}

  onAnswer({ status, body }: RawAnswer): void {
    const time = now()
    const outcome = outcomeOf(status, body)
    if (outcome === 'failed') this.run.strange ??= `status ${status}: ${body}`.slice(0, 300)
    this.run.add(outcome, time - this.intended, time - this.sentAt)
  }

  onFailure(problem: string): void {
    this.run.strange ??= problem
    this.run.add('failed', 0, 0)
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
