import { type Problem, problemOf, unreachable } from './problem'
import { token } from './token'

export interface Sent<T> {
  readonly data?: T
  readonly problems: readonly Problem[]
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
    const answer = await response.json()
    const problems = (answer.errors ?? []).map(problemOf)
    return { data: path === graphPath ? answer.data : response.ok ? answer : undefined, problems }
  } catch (error) {
    if ((error as Error).name === 'AbortError') throw error
    return { problems: [unreachable] }
  }
}

const graphPath = '/graphql'

export function askGraph<T>(query: string, variables: object = {}, signal?: AbortSignal): Promise<Sent<T>> {
  return send(graphPath, { method: 'POST', body: JSON.stringify({ query, variables }), signal })
}
