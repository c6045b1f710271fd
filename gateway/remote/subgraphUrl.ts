import { LoadError, show } from '../../lib/errors'

/** Throws a LoadError for what is no address that a subgraph can be reached at. */
export function parseSubgraphUrl(subgraph: string, text: string): URL {
  const refuse = (expected: string): never => {
    throw new LoadError([`subgraph ${subgraph}: url: must be ${expected}, got ${show(text)}`])
  }
  if (!URL.canParse(text)) return refuse('a URL such as http://localhost:4001/graphql')
  const url = new URL(text)
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return refuse('an http or https URL')
  if (url.username !== '' || url.password !== '') {
    // Not shown: it would put the password into a log.
    throw new LoadError([`subgraph ${subgraph}: url: must hold no user name and no password`])
  }
  return url
}
