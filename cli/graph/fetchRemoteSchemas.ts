import { parse } from 'graphql'
import { LoadError, show } from '../../lib/errors'
import { shortLine } from '../../lib/files/shortLine'
import { isMap } from '../../lib/isMap'
import { readJson } from '../../lib/readJson'
import type { RemoteSchema } from '../../schema/sdl/remoteSchema'
import type { GeneratedFile } from '../process/generatedFile'

const timeoutMs = 10_000

/** Returns the files that store the schemas. Rejects with a LoadError that lists the problems of all subgraphs. */
export async function fetchRemoteSchemas(
  remotes: readonly RemoteSchema[],
): Promise<readonly GeneratedFile[]> {
  const results = await Promise.allSettled(remotes.map(fetchSchema))
  const problems = results.flatMap((result, at) => {
    if (result.status === 'fulfilled') return []
    const error: unknown = result.reason
    if (!(error instanceof Refusal)) throw error
    return [`${remotes[at].where}: ${error.message}`]
  })
  if (problems.length > 0) throw new LoadError(problems)
  return results.flatMap((result, at) => {
    if (result.status === 'rejected') return []
    return [{ path: remotes[at].file, content: header(remotes[at]) + withNewline(result.value) }]
  })
}

/** Leaves out the URL, which may hold secrets that must not be committed. */
function header({ name }: RemoteSchema): string {
  return `# The schema of ${name}, fetched by "presage compose"; not to be edited. "presage compose --refresh" fetches it again.\n`
}

/** A problem with a subgraph or with its answer. */
class Refusal extends Error {}

async function fetchSchema({ url, headers }: RemoteSchema): Promise<string> {
  if (!URL.canParse(url) || !/^https?:/i.test(url))
    throw new Refusal(`must be a URL of http or https, got ${show(url)}`)
  const { origin, pathname, username, password } = new URL(url)
  // `fetch` refuses such a URL with a message that has all of it.
  if (username !== '' || password !== '')
    throw new Refusal(
      'must be a URL without a user and password, which introspection_headers may hold as authorization',
    )
  // The rest of the URL may hold secrets.
  const place = origin + pathname
  const { data, errors } = await ask(url, headers, place)
  const sdl = isMap(data) && isMap(data['_service']) ? data['_service']['sdl'] : undefined
  if (typeof sdl !== 'string') {
    const [first] = Array.isArray(errors) ? (errors as unknown[]) : []
    const message = isMap(first) ? first['message'] : undefined
    const came = typeof message === 'string' ? shortLine(message) : 'an answer without _service { sdl }'
    throw new Refusal(
      `must be a federation subgraph, which answers { _service { sdl } }, got: ${came} (${place})`,
    )
  }
  try {
    parse(sdl)
  } catch (error) {
    throw new Refusal(
      `must answer an SDL that parses, got: ${shortLine((error as Error).message)} (${place})`,
    )
  }
  return sdl
}

async function ask(
  url: string,
  headers: RemoteSchema['headers'],
  place: string,
): Promise<Readonly<Record<string, unknown>>> {
  let status: string
  let text: string
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/json', ...headers },
      body: JSON.stringify({ query: 'query SubgraphSchema { _service { sdl } }' }),
      signal: AbortSignal.timeout(timeoutMs),
    })
    status = `status ${response.status} ${response.headers.get('content-type') ?? 'without a content type'}`
    text = await response.text()
  } catch (error) {
    throw new Refusal(`must be reachable, got ${reasonOf(error as Error)} (${place})`)
  }
  const body = readJson(text)
  if (isMap(body)) return body
  throw new Refusal(`must answer GraphQL as JSON, got ${shortLine(status)} (${place})`)
}

/** `fetch` puts the reason in the cause. Without one, it refuses a header, with a message that has its value. */
function reasonOf(error: Error): string {
  if (error.name === 'TimeoutError') return `no answer within ${timeoutMs / 1000} s`
  const { cause } = error as { readonly cause?: NodeJS.ErrnoException }
  return cause?.code ?? cause?.message ?? 'a header that cannot be sent'
}

function withNewline(text: string): string {
  return text.endsWith('\n') ? text : `${text}\n`
}
