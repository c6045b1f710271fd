import { LoadError, show } from '../../lib/errors'

/** Parses the address of a subgraph. Throws a LoadError for an invalid one. */
export function parseSubgraphUrl(subgraph: string, text: string): URL {
  const refuse = (expected: string): never => {
    throw new LoadError([`subgraph ${subgraph}: url: must be ${expected}, got ${show(text)}`])
  }
  if (!URL.canParse(text)) return refuse('a URL such as http://localhost:4001/graphql')
  const url = new URL(text)
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return refuse('an http or https URL')
  if (url.username !== '' || url.password !== '') {
    // The URL is not shown, to keep the password out of the log.
    throw new LoadError([`subgraph ${subgraph}: url: must hold no user name and no password`])
  }
  return url
}
