/**
 * The floor: an endpoint that answers one of the bench's questions and nothing else, as somebody writes it with care and
 * without tricks. JSON.parse, typed arrays, one `run` on the same thread, JSON.stringify; nothing is kept from one request
 * for the next. Run as a process of its own, with the case's number as argument.
 */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type BenchCase, cases } from './cases'
import { openAbuseScore, openRatingPredictor, readMessages, readTitles } from './exampleModels'

interface Variables {
  readonly n: number
  readonly s: number
  readonly m: string
}

type Answer = (variables: Variables) => Promise<unknown>

async function main(benchCase: BenchCase): Promise<void> {
  const answer = benchCase.endpoint === 'messages' ? await messages() : await titles()
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', async () => {
      const { variables } = JSON.parse(Buffer.concat(chunks).toString()) as { variables: Variables }
      const body = JSON.stringify({ data: await answer(variables) })
      response.writeHead(200, {
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(body),
      })
      response.end(body)
    })
  })
  server.listen(0, '127.0.0.1', () => process.send?.({ port: (server.address() as AddressInfo).port }))
  process.on('disconnect', () => process.exit(0))
}

async function messages(): Promise<Answer> {
  const rows = readMessages()
  const score = await openAbuseScore()
  return async ({ n, s }) => {
    const page = rows.slice(s, s + n)
    const values = await score(page)
    return { messages: page.map(({ id }, i) => ({ id: String(id), abuse: { probability: values[i] } })) }
  }
}

async function titles(): Promise<Answer> {
  const rows = readTitles()
  const rate = await openRatingPredictor()
  return async ({ n, s, m }) => {
    const page = rows.slice(s, s + n)
    const values = await rate(m, page)
    return { titles: page.map(({ id }, i) => ({ id: String(id), predictedRating: values[i] })) }
  }
}

main(cases[Number(process.argv[2])])
