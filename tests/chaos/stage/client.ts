import { Agent } from 'node:http'
import { type Answered, type SteadyLoad, steadyLoad } from '../../../bench/steadyLoad'
import { postQuery } from '../../support/example'
import { rounded } from '../../support/rounded'
import { until } from '../../support/until'
import type { Question } from './questions'

/** How the requests of a time went. */
export interface Tally {
  readonly sent: number
  /** Answered with what is right. */
  readonly right: number
  /** By error code, else by status or by what the connection met. */
  readonly failed: Readonly<Record<string, number>>
  /** The longest that a request took, in milliseconds. */
  readonly slowestMs: number
}

export interface ClientOptions {
  readonly questions: readonly Question[]
  readonly headers?: Readonly<Record<string, string>>
  /** The most that it opens. */
  readonly connections?: number
}

const perSecond = 50

/** A client that asks 50 times a second, whatever becomes of what it asked before, and knows what each answer must be. */
export class Client {
  private readonly answered: Answered[] = []
  /** Numbers of questions that have ended before one below them has. */
  private readonly ended = new Set<number>()
  /** All below have ended. */
  private complete = 0
  private load: SteadyLoad | undefined

  private constructor(private readonly expected: readonly string[]) {}

  /** Asks each question once, so that the answers are known, and then steadily until `stop`. */
  static async start(url: string, options: ClientOptions): Promise<Client> {
    const { questions, headers = {}, connections = 256 } = options
    const client = new Client(await answersOf(url, options))
    const body = (n: number) => JSON.stringify(questions[n % questions.length])
    // What it does not need it gives back, so that what a server keeps is the server's.
    const agent = new Agent({ keepAlive: true, maxSockets: connections, maxFreeSockets: 4 })
    client.load = steadyLoad(url, perSecond, body, (one) => client.take(one), headers, agent)
    return client
  }

  /** How what is sent went while something is done. */
  async during(act: () => unknown): Promise<Tally> {
    const from = performance.now()
    await act()
    return this.between(from, performance.now())
  }

  /** Settles when all that was sent in this time has ended. */
  async between(from: number, to: number): Promise<Tally> {
    const isOver = () =>
      this.complete > 0 && this.answered.some((one) => one.sentAt > to && one.n < this.complete)
    await until(isOver, { everyMs: 20, withinMs: 60_000 })
    const within = this.answered.filter(({ sentAt }) => sentAt >= from && sentAt <= to)
    const failed: Record<string, number> = {}
    let right = 0
    let slowestMs = 0
    for (const one of within) {
      slowestMs = Math.max(slowestMs, Math.round(one.endedAt - one.sentAt))
      const failure = this.failureOf(one)
      if (failure === undefined) right++
      else failed[failure] = (failed[failure] ?? 0) + 1
    }
    return { sent: within.length, right, failed, slowestMs }
  }

  /** Waits until all that was asked for a second is right; says after how many milliseconds that second began. */
  async isServed(withinMs: number): Promise<number> {
    const from = performance.now()
    const isRight = () => {
      const last = this.answered.slice(-perSecond)
      return (
        last.length === perSecond &&
        last.every((one) => one.sentAt > from && this.failureOf(one) === undefined)
      )
    }
    await until(isRight, { everyMs: 20, withinMs: withinMs + 5_000 })
    return Math.round(Math.min(...this.answered.slice(-perSecond).map(({ sentAt }) => sentAt)) - from)
  }

  stop(): void {
    // Not waited for: what a server has under way when it ends is not asked here.
    void this.load?.stop()
  }

  private take(one: Answered): void {
    this.answered.push(one)
    this.ended.add(one.n)
    while (this.ended.delete(this.complete)) this.complete++
  }

  private failureOf({ n, text, problem }: Answered): string | undefined {
    if (text === undefined) return failureIn(problem ?? '')
    return textOf(JSON.parse(text)) === this.expected[n % this.expected.length] ? undefined : 'wrong'
  }
}

async function answersOf(url: string, { questions, headers }: ClientOptions): Promise<readonly string[]> {
  const expected: string[] = []
  for (const { query, variables } of questions) {
    const answer = await postQuery(url, query, variables, headers)
    if (answer.errors) throw new Error(`before the trouble: ${JSON.stringify(answer.errors[0])}`)
    expected.push(textOf(answer))
  }
  return expected
}

/** The last digits of a model's numbers depend on the rows beside a row. */
function textOf(answer: unknown): string {
  return JSON.stringify(rounded(answer))
}

function failureIn(problem: string): string {
  const [, code] = /"code":"(\w+)"/.exec(problem) ?? []
  return code ?? /^status \d+/.exec(problem)?.[0] ?? /\bE[A-Z]{4,}\b/.exec(problem)?.[0] ?? problem
}
