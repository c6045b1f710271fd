import { Agent } from 'node:http'
import { post } from '../post'
import type { Outcome, Target } from './steadyClients'

/** A server that is asked over kept connections. */
export class OneServer implements Target {
  private readonly agent = new Agent({ keepAlive: true, maxSockets: 100 })

  constructor(private readonly url: string) {}

  async post(body: string): Promise<Outcome> {
    try {
      await post(this.url, this.agent, body)
      return { failure: undefined, isRetried: false }
    } catch (error) {
      return { failure: (error as Error).message, isRetried: false }
    }
  }

  close(): void {
    this.agent.destroy()
  }
}
