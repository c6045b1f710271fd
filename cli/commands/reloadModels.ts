import { httpUrl } from '../../lib/addresses/httpUrl'
import { isUrl } from '../../lib/addresses/isUrl'
import { LoadError, show } from '../../lib/errors'
import { isMap } from '../../lib/isMap'
import type { Config } from '../config/config'
import { reloadPath } from '../deployment/reloadAction'
import { type JsonOption, printResult } from '../terminal/printResult'

export interface ReloadCommand extends JsonOption {
  /** The operators' URL of the running process; default: from the configuration. */
  readonly url?: string
  /** An operator's token; default: `PRESAGE_TOKEN`. */
  readonly token?: string
}

/** Waits until what a running process finds in its repositories is in service. Throws a LoadError if it refuses. */
export async function reloadModels({ server }: Config, options: ReloadCommand): Promise<void> {
  const { host, port } = server.admin ?? server
  const base = options.url ?? httpUrl(reachable.get(host) ?? host, port)
  const token = options.token ?? process.env['PRESAGE_TOKEN']
  if (!isUrl(base) || !URL.canParse(base)) {
    throw new LoadError([`--url: must be a URL such as http://127.0.0.1:4000, got ${show(base)}`])
  }
  const url = new URL(reloadPath, base)
  // `fetch` refuses them with a message that has all of the URL.
  if (url.username !== '' || url.password !== '')
    throw new LoadError(['--url: must be without a user and password; --token says who asks'])
  let response: Response
  try {
    response = await fetch(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(token !== undefined && token !== '' && { authorization: `Bearer ${token}` }),
      },
      body: '{}',
    })
  } catch (error) {
    const { code, message } = ((error as Error).cause ?? error) as NodeJS.ErrnoException
    const advice = options.url === undefined ? '; if it listens elsewhere, name its address with --url' : ''
    throw new LoadError([`${url}: must be answered by a running Presage, got ${code ?? message}${advice}`])
  }
  // Another program may listen there.
  const answer: unknown = await response.json().catch(() => undefined)
  const { done, errors } = isMap(answer) ? answer : {}
  if (!Array.isArray(done)) {
    const messages = Array.isArray(errors) ? errors.flatMap((one) => (isMap(one) ? one['message'] : [])) : []
    const came = messages.join('; ') || `status ${response.status}`
    throw new LoadError([`${url}: must reload, got ${came}`])
  }
  const text = done.length === 0 ? 'nothing has changed' : done.join('\n')
  printResult({ text, value: answer }, options)
}

/** Maps an address that means all interfaces to one that reaches the server from its own machine. */
const reachable: ReadonlyMap<string, string> = new Map([
  ['0.0.0.0', '127.0.0.1'],
  ['::', '::1'],
])
