import { Agent, request } from 'node:http'
import { setTimeout as wait } from 'node:timers/promises'
import type { Answer } from './example'

/** Between an answer and the client's next query: what the load is beside needs the machine more. */
const pauseMs = 5

/** A bounded load on a server: how it went, request by request. */
export interface Load {
  readonly answered: number
  /** Requests that got an answer with errors, another status than 200, or none; what came. */
  readonly failures: readonly string[]
}

/**
 * `clients` clients, each with a connection of its own, ask one query after the other until `until` settles. A connection
 * that is refused, or closed before the request was sent on it, ends its client: the server is gone, nothing was lost.
 * With `stays`, the client connects again and goes on, since others serve at the same address; with `keepAlive: false` it
 * connects for each query.
 */
export async function load(
  url: string,
  clients: number,
  next: (n: number) => { query: string; variables: object },
  until: Promise<unknown>,
  { stays = false, keepAlive = true } = {},
): Promise<Load> {
  const failures: string[] = []
  let answered = 0
  let sent = 0
  let over = false
  until.finally(() => {
    over = true
  })
  const client = async () => {
    const agent = new Agent({ keepAlive, maxSockets: 1 })
    while (!over) {
      const result = await post(url, agent, next(sent++))
      if (result === 'gone') {
        if (!stays) break
      } else if (result === 'answered') answered++
      else failures.push(result)
      await wait(pauseMs)
    }
    agent.destroy()
  }
  await Promise.all(Array.from({ length: clients }, client))
  return { answered, failures }
}

function post(url: string, agent: Agent, body: object): Promise<'answered' | 'gone' | (string & {})> {
  return new Promise((resolve) => {
    const text = JSON.stringify(body)
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }
    const message = request(url, { method: 'POST', agent, headers }, (response) => {
      let answer = ''
      response.on('data', (chunk: Buffer) => {
        answer += chunk
      })
      response.on('error', (error) => resolve(`broken answer: ${error.message}`))
      response.on('end', () => {
        if (response.statusCode !== 200)
          return resolve(`status ${response.statusCode}: ${answer.slice(0, 200)}`)
        const { errors } = JSON.parse(answer) as Answer
        resolve(errors ? JSON.stringify(errors[0]) : 'answered')
      })
    })
    message.on('error', (error: NodeJS.ErrnoException) => {
      const refused = error.code === 'ECONNREFUSED'
      // A kept connection may be closed under a request that the server never read; clients send such a request again.
      const unread = message.reusedSocket && (error.code === 'ECONNRESET' || error.code === 'EPIPE')
      resolve(refused || unread ? 'gone' : `no answer: ${error.code ?? error.message}`)
    })
    message.end(text)
  })
}
