import { signal } from '@preact/signals'
import { foreign, type Problem, problemOf, unreachable } from './problem'
import { token } from './token'

export interface Sent<T> {
  readonly data?: T
  readonly problems: readonly Problem[]
}

/** What keeps the server from answering, by the path that was asked for. */
export const outages = signal<ReadonlyMap<string, Problem>>(new Map())

/** For another view, which asks for all that it shows, and may not ask for what the one before it did. */
export function forgetOutages(): void {
  outages.value = new Map()
}

/** Asks this server, with the caller's token. Throws only an AbortError. */
export async function send<T>(path: string, init: RequestInit = {}): Promise<Sent<T>> {
  const headers = {
    accept: 'application/json',
    ...(token.peek() !== '' && { authorization: `Bearer ${token.peek()}` }),
    ...(init.body !== undefined && { 'content-type': 'application/json' }),
  }
  try {
    // A proxy may serve it below a path of its own.
    const response = await fetch(`.${path}`, { ...init, headers })
    const answer = await response.json().catch((error: Error) => {
      if (error.name === 'SyntaxError') return undefined
      throw error
    })
    if (typeof answer !== 'object' || answer === null) return missed(path, foreign(response.status))
    const problems: readonly Problem[] = (answer.errors ?? []).map(problemOf)
    // The graph has null where no field could be answered.
    const data = (path === graphPath ? answer.data : response.ok && answer) || undefined
    if (data === undefined) {
      if (problems.length === 0) return missed(path, foreign(response.status))
      // It takes nothing at the moment, since it is overloaded or ends; or the platform behind a gateway is away.
      const isAway = path === graphPath && problems.some(({ code }) => code === 'UPSTREAM_FAILED')
      if (response.status === 503 || isAway) return missed(path, { ...problems[0], keepsOld: true })
    }
    hear(path, undefined)
    return { data, problems }
  } catch (error) {
    if ((error as Error).name === 'AbortError') throw error
    return missed(path, unreachable)
  }
}

function missed(path: string, outage: Problem): Sent<never> {
  hear(path, outage)
  return { problems: [outage] }
}

function hear(path: string, outage: Problem | undefined): void {
  const [name] = path.split('?', 1)
  if (outages.peek().get(name)?.message === outage?.message) return
  const known = new Map(outages.peek())
  known.delete(name)
  if (outage !== undefined) known.set(name, outage)
  outages.value = known
}

const graphPath = '/graphql'

export function askGraph<T>(query: string, variables: object = {}, signal?: AbortSignal): Promise<Sent<T>> {
  return send(graphPath, { method: 'POST', body: JSON.stringify({ query, variables }), signal })
}
