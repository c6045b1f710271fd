import { type Agent, request } from 'node:http'

/** An answer that is not 200, or has errors. */
export class WrongAnswer extends Error {}

/**
 * Asks one question; resolves with the text of the answer. Rejects with a `WrongAnswer`, or because there is none: the
 * connection failed, or `signal` has aborted.
 */
export function post(
  url: string,
  agent: Agent,
  body: string,
  further: Readonly<Record<string, string>> = {},
  signal?: AbortSignal,
): Promise<string> {
  return new Promise((resolve, reject) => {
    const length = Buffer.byteLength(body)
    const headers = { 'content-type': 'application/json', 'content-length': length, ...further }
    const options = { method: 'POST', agent, headers, ...(signal && { signal }) }
    const message = request(url, options, (response) => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', (chunk: string) => {
        text += chunk
      })
      response.on('error', reject)
      response.on('end', () => {
        if (response.statusCode === 200 && !text.includes('"errors"')) resolve(text)
        else reject(new WrongAnswer(`status ${response.statusCode}: ${text.slice(0, 1000)}`))
      })
    })
    message.on('error', reject)
    message.end(body)
  })
}
