import { LoadError, show } from '../../lib/errors'

/** Parses the address of a subgraph. Throws a LoadError for an invalid one. */
export function parseSubgraphUrl(subgraph: string, text: string): URL {
  const problem = subgraphUrlProblem(text)
  if (problem !== undefined) throw new LoadError([`subgraph ${subgraph}: url: ${problem}`])
  return new URL(text)
}

/** Why a text is not the address of a subgraph; undefined if it is. */
export function subgraphUrlProblem(text: string): string | undefined {
  if (!URL.canParse(text)) return `must be a URL such as http://localhost:4001/graphql, got ${show(text)}`
  const { protocol, username, password } = new URL(text)
  if (protocol !== 'http:' && protocol !== 'https:') return `must be an http or https URL, got ${show(text)}`
  // The URL is not shown, to keep the password out of the log.
  return username === '' && password === '' ? undefined : 'must hold no user name and no password'
}
