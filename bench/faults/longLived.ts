import { Agent, request } from 'node:http'

/** Clients that keep a connection each to one worker and ask it for predictions, until it closes them. */
export interface LongLived {
  readonly connections: number
  /** Requests that were answered. */
  answered(): number
  /** What became of requests that the worker took and did not answer as it should. */
  failures(): readonly string[]
  /** Resolves when every client has been sent away. */
  readonly over: Promise<unknown>
}

const model = '/v2/models/abuse-score'

/** Opens the connections. Each asks `everyMs` milliseconds after its last answer. */
export async function openLongLived(port: number, count: number, everyMs: number): Promise<LongLived> {
  const failures: string[] = []
  let answered = 0
  const body = await zeros(port)
  const clients = Array.from({ length: count }, async (_, at) => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    await pause((everyMs * at) / count)
    for (;;) {
      const outcome = await ask(port, agent, body)
      if (outcome === 'gone') break
      if (outcome === undefined) answered++
      else failures.push(outcome)
      await pause(everyMs)
    }
    agent.destroy()
  })
  return {
    connections: count,
    answered: () => answered,
    failures: () => failures,
    over: Promise.all(clients),
  }
}

/** The body of a request for one row of zeros. */
async function zeros(port: number): Promise<string> {
  const metadata = await fetch(`http://127.0.0.1:${port}${model}`)
  const { inputs } = (await metadata.json()) as {
    readonly inputs: readonly { readonly name: string; readonly datatype: string; readonly shape: number[] }[]
  }
  return JSON.stringify({
    inputs: inputs.map(({ name, datatype, shape }) => {
      const sizes = shape.map((size) => Math.abs(size))
      const length = sizes.reduce((product, size) => product * size, 1)
      return { name, datatype, shape: sizes, data: new Array(length).fill(0) }
    }),
  })
}

/** Resolves with `gone` if the worker was not there any more before it could have read the request. */
function ask(port: number, agent: Agent, body: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }
    const path = `${model}/infer`
    const message = request({ port, path, method: 'POST', agent, headers }, (response) => {
      let text = ''
      response.on('data', (chunk) => {
        text += chunk
      })
      response.on('error', (error) => resolve(error.message))
      response.on('end', () =>
        resolve(response.statusCode === 200 ? undefined : `status ${response.statusCode}: ${text}`),
      )
    })
    message.on('error', (error: NodeJS.ErrnoException) => {
      const unread = message.reusedSocket && (error.code === 'ECONNRESET' || error.code === 'EPIPE')
      resolve(unread || error.code === 'ECONNREFUSED' ? 'gone' : error.message)
    })
    message.end(body)
  })
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
