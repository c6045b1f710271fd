import { signal } from '@preact/signals'
import { type Problem, problemOf, unreachable } from './problem'
import { token } from './token'

export interface Sent<T> {
  readonly data?: T
  readonly problems: readonly Problem[]
}

/** Paths that the server did not answer when they were last asked for. */
export const silent = signal<readonly string[]>([])

/** Asks this server, with the caller's token. Throws only an AbortError. */
export async function send<T>(path: string, init: RequestInit = {}): Promise<Sent<T>> {
  const headers = {
    accept: 'application/json',
    ...(token.peek() !== '' && { authorization: `Bearer ${token.peek()}` }),
    ...(init.body !== undefined && { 'content-type': 'application/json' }),
  }
  try {
    const response = await fetch(path, { ...init, headers })
    const answer = await response.json()
    hear(path, true)
    const problems = (answer.errors ?? []).map(problemOf)
    return { data: path === graphPath ? answer.data : response.ok ? answer : undefined, problems }
  } catch (error) {
    if ((error as Error).name === 'AbortError') throw error
    hear(path, false)
    return { problems: [unreachable] }
  }
}

function hear(path: string, isAnswered: boolean): void {
  const [name] = path.split('?', 1)
  const known = silent.peek()
  if (known.includes(name) !== isAnswered) return
  silent.value = isAnswered ? known.filter((one) => one !== name) : [...known, name]
}

const graphPath = '/graphql'

export function askGraph<T>(query: string, variables: object = {}, signal?: AbortSignal): Promise<Sent<T>> {
  return send(graphPath, { method: 'POST', body: JSON.stringify({ query, variables }), signal })
}
