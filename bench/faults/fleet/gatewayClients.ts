import { Agent, request } from 'node:http'
import { post, WrongAnswer } from '../../post'
import type { Outcome, Target } from '../steadyClients'

interface Gateway {
  /** Without a path. */
  readonly url: string
  readonly agent: Agent
  /** Whether it gets requests only if no other gateway does better. */
  isOut: boolean
}

export interface GatewayOutcome extends Outcome {
  /** Undefined if it failed. */
  readonly answer?: string
}

/**
 * Clients of several gateways. Each request goes to any of those that say that they are ready, and to
 * another one if the connection to the first one is refused or reset, or there is no answer in time.
 */
export class GatewayClients implements Target {
  private readonly gateways: readonly Gateway[]
  private readonly timer: NodeJS.Timeout

  constructor(urls: readonly string[]) {
    this.gateways = urls.map((url) => ({
      url,
      agent: new Agent({ keepAlive: true, maxSockets: 100 }),
      isOut: false,
    }))
    this.timer = setInterval(() => this.gateways.forEach(look), lookMs)
  }

  post(body: string): Promise<Outcome> {
    return this.ask('/graphql', body)
  }

  /** Never rejects. */
  async ask(path: string, body: string): Promise<GatewayOutcome> {
    const first = this.next()
    const why = await this.send(first, path, body)
    if (typeof why === 'string') return { answer: why, failure: undefined, isRetried: false }
    if (why instanceof WrongAnswer) return { failure: why.message, isRetried: false }
    const second = this.next(first)
    const again = await this.send(second, path, body)
    if (typeof again === 'string') return { answer: again, failure: undefined, isRetried: true }
    return { failure: `${first.url}: ${why.message}; ${second.url}: ${again.message}`, isRetried: true }
  }

  close(): void {
    clearInterval(this.timer)
    for (const { agent } of this.gateways) agent.destroy()
  }

  private next(not?: Gateway): Gateway {
    const others = this.gateways.filter((one) => one !== not)
    const ready = others.filter(({ isOut }) => !isOut)
    const choice = ready.length > 0 ? ready : others
    return choice[Math.floor(Math.random() * choice.length)]
  }

  /** Resolves with the answer, or with what went wrong. */
  private async send(gateway: Gateway, path: string, body: string): Promise<string | Error> {
    const late = AbortSignal.timeout(answerMs)
    try {
      return await post(`${gateway.url}${path}`, gateway.agent, body, {}, late)
    } catch (error) {
      if (error instanceof WrongAnswer) return error
      gateway.isOut = true
      return late.aborted ? new Error(`no answer within ${answerMs} ms`) : (error as Error)
    }
  }
}

/** Longer than the gateways' own deadline, so that one that has not answered by then will not. */
export const answerMs = 1_200
const lookMs = 250
const readyMs = 500

/** As a balancer does it. */
function look(gateway: Gateway): void {
  const options = { agent: false, signal: AbortSignal.timeout(readyMs) } as const
  const message = request(`${gateway.url}/health/ready`, options, (response) => {
    response.resume()
    gateway.isOut = response.statusCode !== 200
  })
  message.on('error', () => {
    gateway.isOut = true
  })
  message.end()
}
