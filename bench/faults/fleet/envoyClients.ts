import { Agent } from 'node:http'
import { post } from '../../post'
import type { Outcome, Target } from '../steadyClients'
import { answerMs, type GatewayClients } from './gatewayClients'

/** Clients that resolve a route at the gateways for each call, and call the version that it names by way of Envoy. */
export class EnvoyClients implements Target {
  private readonly agent = new Agent({ keepAlive: true, maxSockets: 100 })

  /** `url` is Envoy's, without a path. */
  constructor(
    private readonly gateways: GatewayClients,
    private readonly url: string,
  ) {}

  /** The body is what a gateway is asked for the route. */
  async post(body: string): Promise<Outcome> {
    const { answer, failure, isRetried } = await this.gateways.ask('/v1/routes:resolve', body)
    if (answer === undefined) return { failure, isRetried }
    const { objective, routingKey, model } = JSON.parse(answer) as Route
    const [name, version] = model.split('@')
    const path = `/v2/models/${name}:workflow/versions/${version}/infer`
    const headers = { 'x-presage-routing-key': routingKey }
    try {
      const late = AbortSignal.timeout(answerMs)
      await post(`${this.url}${path}`, this.agent, inputsOf[objective], headers, late)
      return { failure: undefined, isRetried }
    } catch (error) {
      return { failure: `Envoy: ${(error as Error).message}`, isRetried }
    }
  }

  close(): void {
    this.gateways.close()
    this.agent.destroy()
  }
}

/** The nth request for a route, to ratings and to abuse scores by turns. */
export function nthRoute(n: number): string {
  return JSON.stringify({ objective: n % 2 === 0 ? 'PREDICT_RATING' : 'ABUSE_SCORE' })
}

interface Route {
  readonly objective: string
  /** `name@version@shard` */
  readonly routingKey: string
  /** `name@version` */
  readonly model: string
}

const rows = 10

/** By objective, the body of a call of the workflow. Features that may be left out are. */
const inputsOf: Readonly<Record<string, string>> = {
  PREDICT_RATING: JSON.stringify({
    inputs: [feature('memberId', 'BYTES', String), feature('titleId', 'BYTES', String)],
  }),
  ABUSE_SCORE: JSON.stringify({
    inputs: [
      feature('wordFrequencies', 'BYTES', (row) => JSON.stringify(Array(48).fill(row / 10))),
      feature('charFrequencies', 'BYTES', (row) => JSON.stringify(Array(6).fill(row / 10))),
      ...['Average', 'Longest', 'Total'].map((name) => feature(`capitalRun${name}`, 'FP64', (row) => row)),
    ],
  }),
}

function feature(name: string, datatype: string, value: (row: number) => unknown): object {
  return { name, datatype, shape: [rows], data: Array.from({ length: rows }, (_, row) => value(row)) }
}
