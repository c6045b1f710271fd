import { ApolloServer } from '@apollo/server'
import type { HttpServer, HttpSettings } from '../../gateway/server/httpServer'
import { createTextLog } from '../../lib/log'
import { type ServedGraph, startServer } from './startServer'

export interface Asked {
  readonly body: object
  readonly headers?: Record<string, string>
}

export interface Answered {
  readonly status: number
  readonly headers: Record<string, string>
  readonly text: string
  readonly log: string[]
  /** How often Apollo Server was asked. */
  readonly passes: number
}

export interface TestServer {
  /** Status, headers and text of an answer, and what was written into the log of it, in one value to be compared. */
  ask(asked: Asked): Promise<Answered>
}

export const passesOf = ({ passes }: Answered): number => passes

/** All that must be the same, whoever answered. */
export const contentOf = ({ passes: _, ...content }: Answered): object => content

/** HTTP servers that tell of each answer whether Apollo Server gave it. */
export class Servers {
  private readonly servers: HttpServer[] = []
  private apollo: jest.SpyInstance | undefined

  watch(): void {
    this.apollo = jest.spyOn(ApolloServer.prototype, 'executeHTTPGraphQLRequest')
  }

  async close(): Promise<void> {
    jest.restoreAllMocks()
    await Promise.all(this.servers.splice(0).map((server) => server.close()))
  }

  async open(options: ServedGraph & Partial<HttpSettings>): Promise<TestServer> {
    const lines: string[] = []
    const server = await startServer({
      maxOperations: 2,
      corsOrigins: ['https://a.example'],
      // What was hidden of an error stands on one line here; the lines of stacks differ with who called.
      log: createTextLog('info', 'server', (text) =>
        lines.push(text.split('\n')[0].replace(/durationMs=\S+/, 'durationMs=…')),
      ),
      ...options,
    })
    this.servers.push(server)
    return {
      ask: async ({ body, headers }) => {
        lines.length = 0
        const before = this.passes()
        const response = await fetch(`${server.url}/graphql`, {
          method: 'POST',
          headers: { 'content-type': 'application/json', 'x-request-id': 'r1', ...headers },
          body: JSON.stringify(body),
        })
        const text = await response.text()
        while (!lines.some((line) => line.includes(': request: '))) await new Promise(setImmediate)
        const { date: _, ...rest } = Object.fromEntries(response.headers)
        return {
          status: response.status,
          headers: rest,
          text,
          log: [...lines],
          passes: this.passes() - before,
        }
      },
    }
  }

  private passes(): number {
    if (this.apollo === undefined) throw new Error('servers.watch() was not called')
    return this.apollo.mock.calls.length
  }
}
