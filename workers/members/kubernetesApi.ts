import { readFile } from 'node:fs/promises'
import { type IncomingMessage, request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { StringDecoder } from 'node:string_decoder'
import { isMap } from '../../lib/isMap'
import { readJson } from '../../lib/readJson'

export interface KubernetesApiOptions {
  /** Of the API server, without a path. */
  readonly url: string
  /** A folder with `token` and `ca.crt`, as each pod has it; undefined for a server that asks for neither. */
  readonly account: string | undefined
}

/** An answer that is not 200. The message is the server's. */
export class KubernetesError extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message)
  }
}

/** Reads from the API server of Kubernetes. */
export class KubernetesApi {
  constructor(private readonly options: KubernetesApiOptions) {}

  /** Rejects with a `KubernetesError`, or the error of the connection. */
  async get(path: string, signal: AbortSignal): Promise<unknown> {
    const late = AbortSignal.timeout(getMs)
    const response = await this.open(path, AbortSignal.any([signal, late]))
    return JSON.parse(await text(response))
  }

  /** The events of a watch. Ends when the server ends it; throws as `get` rejects. */
  async *watch(path: string, signal: AbortSignal): AsyncGenerator<WatchEvent> {
    const response = await this.open(path, signal)
    // Finds a server that is gone without a word.
    response.socket.setKeepAlive(true, keepAliveMs)
    yield { type: 'OPENED', object: {} }
    const decoder = new StringDecoder()
    let rest = ''
    for await (const chunk of response) {
      const lines = (rest + decoder.write(chunk as Buffer)).split('\n')
      rest = lines.pop()!
      for (const line of lines) if (line !== '') yield JSON.parse(line) as WatchEvent
    }
  }

  private async open(path: string, signal: AbortSignal): Promise<IncomingMessage> {
    const { url, account } = this.options
    // Read each time, since tokens are replaced.
    const ca = account === undefined ? undefined : await readFile(join(account, 'ca.crt'))
    const token = account === undefined ? undefined : await readFile(join(account, 'token'), 'utf8')
    const headers = {
      accept: 'application/json',
      ...(token !== undefined && { authorization: `Bearer ${token.trim()}` }),
    }
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      const target = new URL(path, url)
      const options = { headers, signal, agent: false }
      const message =
        target.protocol === 'https:'
          ? requestHttps(target, { ...options, ...(ca && { ca }) }, resolve)
          : requestHttp(target, options, resolve)
      message.setTimeout(getMs, () => message.destroy(new Error(`no answer within ${getMs} ms`)))
      // A watch may be silent for long; what else is answered has to end.
      message.on('response', ({ statusCode }) => {
        if (statusCode === 200) message.setTimeout(0)
      })
      message.on('error', reject).end()
    })
    if (response.statusCode === 200) return response
    throw new KubernetesError(response.statusCode ?? 0, messageIn(await text(response), response))
  }
}

/** An event of the API; or `OPENED`, when the server has taken the watch. */
export interface WatchEvent {
  readonly type: string
  readonly object: object
}

/** How long a request may take, in milliseconds. */
const getMs = 10_000
const keepAliveMs = 5_000

/** Proxies before the server answer in other forms. */
function messageIn(body: string, { statusCode }: IncomingMessage): string {
  const status = readJson(body)
  return isMap(status) && typeof status['message'] === 'string' ? status['message'] : `status ${statusCode}`
}
