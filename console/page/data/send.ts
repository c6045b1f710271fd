import { signal } from '@preact/signals'
import { notJson, type Problem, problemOf, unreachable } from './problem'
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
    const response = await fetch(path, { ...init, headers })
    const answer = await response.json().catch((error: Error) => {
      if (error.name === 'SyntaxError') return undefined
      throw error
    })
    if (typeof answer !== 'object' || answer === null) return missed(path, notJson(response.status))
    const problems: readonly Problem[] = (answer.errors ?? []).map(problemOf)
    // It takes nothing at the moment: it is overloaded, or ends.
    if (response.status === 503 && problems.length > 0)
      return missed(path, { ...problems[0], keepsOld: true })
    hear(path, undefined)
    // The graph has null where no field could be answered.
    return { data: (path === graphPath ? answer.data : response.ok && answer) || undefined, problems }
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
