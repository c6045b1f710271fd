import { Pool } from 'undici'
import type { Answer, AnswerError } from './answer'
import type { ValidOperation } from './generate/generate'
import { type Trial, trialHeader } from './trial'

/** Asks a GraphQL server, one request after the other on one connection. */
export interface HttpClient {
  ask(operation: ValidOperation, trial: Trial): Promise<Omit<Answer, 'log'>>
  close(): Promise<void>
}

/** `url` is the server's, without the path, which is /graphql. */
export function createHttpClient(url: string): HttpClient {
  const pool = new Pool(url, { connections: 1 })
  return {
    async ask({ text, operationName, variables }, trial) {
      const { body } = await pool.request({
        path: '/graphql',
        method: 'POST',
        headers: { 'content-type': 'application/json', [trialHeader]: trial.id },
        body: JSON.stringify({ query: text, operationName, variables }),
      })
      return readAnswer(await body.text())
    },
    close: () => pool.close(),
  }
}

/** An answer's body. Text that JSON.stringify would not write, such as a key that comes twice, is left as it is, to be seen. */
export function readAnswer(text: string): Omit<Answer, 'log'> {
  const body = JSON.parse(text) as { readonly data?: unknown; readonly errors?: readonly AnswerError[] }
  const dataText = body.data === undefined ? undefined : JSON.stringify(body.data)
  const isPlain = JSON.stringify(body) === text.trim()
  return { dataText: isPlain ? dataText : `${dataText} of ${text}`, errors: body.errors ?? [] }
}
