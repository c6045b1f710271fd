import { type Agent, request } from 'node:http'

/** Asks one question; resolves with the text of the answer, rejects on any but 200 without errors. */
export function post(
  url: string,
  agent: Agent,
  body: string,
  further: Readonly<Record<string, string>> = {},
): Promise<string> {
  return new Promise((resolve, reject) => {
    const length = Buffer.byteLength(body)
    const headers = { 'content-type': 'application/json', 'content-length': length, ...further }
    const message = request(url, { method: 'POST', agent, headers }, (response) => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', (chunk: string) => {
        text += chunk
      })
      response.on('error', reject)
      response.on('end', () => {
        if (response.statusCode === 200 && !text.includes('"errors"')) resolve(text)
        else reject(new Error(`status ${response.statusCode}: ${text.slice(0, 1000)}`))
      })
    })
    message.on('error', reject)
    message.end(body)
  })
}
