import { readFileSync } from 'node:fs'
import { Agent, type IncomingHttpHeaders, type OutgoingHttpHeaders, request } from 'node:http'
import { errorTable } from '../../lib/errors'
import { startProcess, writeConfig } from '../support/serverProcess'

/** A request to /graphql; a POST unless said. */
export interface Sent {
  readonly body?: string | Buffer
  readonly method?: string
  readonly search?: string
  readonly headers?: OutgoingHttpHeaders
}

export interface Received {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly text: string
  readonly milliseconds: number
}

/** The example service as users run it, in a process of its own, so that a crash, a hang or a leak of it shows. */
export interface FuzzedServer {
  readonly port: number
  ask(sent: Sent): Promise<Received>
  /** Memory that its process holds. */
  residentBytes(): number
  stderr(): string
  /** Ends it; throws unless it ends well. */
  stop(): Promise<void>
}

/** A request whose answer is the same before and after whatever else was sent. */
export const goodRequest: Sent = {
  body: JSON.stringify({
    query:
      '{ titles(first: 2) { id predictedRating(memberId: "12") } messages(first: 1) { abuse { probability } } }',
  }),
}

export async function startFuzzedServer(): Promise<FuzzedServer> {
  const server = await startProcess(
    // Whatever is sent here is new.
    writeConfig(({ limits }) => ({ limits: { ...limits, newOperations: 1_000_000 } })),
  )
  const agent = new Agent({ keepAlive: true, maxSockets: 8 })
  const ask = ({ body, method = 'POST', search = '', headers = jsonHeaders }: Sent): Promise<Received> => {
    const start = performance.now()
    return new Promise((resolve, reject) => {
      const message = request(server.url + search, { method, agent, headers }, (response) => {
        const chunks: Buffer[] = []
        response.on('data', (chunk: Buffer) => chunks.push(chunk))
        response.on('error', reject)
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            text: Buffer.concat(chunks).toString(),
            milliseconds: performance.now() - start,
          }),
        )
      })
      message.on('error', reject)
      message.end(body)
    })
  }
  const predicts = async () => !(await ask(goodRequest)).text.includes('"errors"')
  while (!(await predicts())) await new Promise((resolve) => setImmediate(resolve)) // still loading models
  return {
    port: Number(new URL(server.url).port),
    ask,
    residentBytes: () =>
      Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${server.pid}/status`, 'utf8'))?.[1]) * 1024,
    stderr: server.stderr,
    async stop() {
      agent.destroy()
      const end = await server.stop()
      if (end !== 0) throw new Error(`the server ended with ${end}: ${server.stderr()}`)
    },
  }
}

const jsonHeaders = { 'content-type': 'application/json' }

const ownCodes = Object.keys(errorTable)
const graphqlCodes = [
  'GRAPHQL_PARSE_FAILED',
  'GRAPHQL_VALIDATION_FAILED',
  'OPERATION_RESOLUTION_FAILURE',
  'PERSISTED_QUERY_NOT_FOUND',
  'PERSISTED_QUERY_NOT_SUPPORTED',
]
const codes = new Set<unknown>([...ownCodes, ...graphqlCodes])

/** What of an answer is neither a value nor a coded error; undefined if all of it is. */
export function problemOf(
  { method = 'POST' }: Sent,
  { status, headers, text }: Received,
): string | undefined {
  if (method === 'HEAD' || status === 204) return text === '' ? undefined : 'a body where none may be'
  if (status === 431) return undefined // Node's own refusal of a head above 16 KiB
  if (status >= 500 && status !== 503 && status !== 504) return 'a fault of the server'
  if (!/^application\/(graphql-response\+)?json/.test(headers['content-type'] ?? ''))
    return `no JSON: ${headers['content-type']}`
  const { data, errors } = JSON.parse(text) as { data?: unknown; errors?: unknown }
  if (errors === undefined)
    return typeof data === 'object' && data !== null ? undefined : 'neither data nor errors'
  if (!Array.isArray(errors) || errors.length === 0) return 'no list of errors'
  for (const { message, extensions } of errors as CodedError[]) {
    if (typeof message !== 'string' || message === '') return 'an error without a message'
    if (!codes.has(extensions?.['code'])) return `an error without a code: ${message}`
  }
  return undefined
}

interface CodedError {
  readonly message?: unknown
  readonly extensions?: Readonly<Record<string, unknown>>
}
