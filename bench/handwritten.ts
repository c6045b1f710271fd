/**
 * The floor: an endpoint that answers one of the bench's questions and nothing else. JSON.parse, typed arrays, one
 * `run` on the same thread, JSON.stringify. Run as a process of its own, with the case's number as argument.
 */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { InferenceSession, Tensor } from 'onnxruntime-node'
import { packageRoot } from '../lib/compiled'
import { readRows } from '../lib/rows'
import { type BenchCase, cases } from './cases'

interface Variables {
  readonly n: number
  readonly s: number
  readonly m: string
}

type Answer = (variables: Variables) => Promise<unknown>

async function main(benchCase: BenchCase): Promise<void> {
  const session = await InferenceSession.create(join(packageRoot, benchCase.graph), {
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
  })
  const answer = benchCase.endpoint === 'messages' ? messages(session) : titles(session)
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
  process.on('message', () => process.send?.({ cpu: process.cpuUsage() }))
  process.on('disconnect', () => process.exit(0))
}

interface MessageRow {
  readonly id: number
  readonly wordFrequencies: readonly number[]
  readonly charFrequencies: readonly number[]
  readonly capitalRunAverage: number
  readonly capitalRunLongest: number
  readonly capitalRunTotal: number
}

function messages(session: InferenceSession): Answer {
  const rows = readRows<MessageRow>(join(packageRoot, 'examples/streaming/data/messages.json'), 'messages')
  return async ({ n, s }) => {
    const data = new Float32Array(n * 57)
    for (let i = 0; i < n; i++) {
      const row = rows[s + i]
      data.set(row.wordFrequencies, i * 57)
      data.set(row.charFrequencies, i * 57 + 48)
      data[i * 57 + 54] = row.capitalRunAverage
      data[i * 57 + 55] = row.capitalRunLongest
      data[i * 57 + 56] = row.capitalRunTotal
    }
    const { probability } = await session.run({ features: new Tensor('float32', data, [n, 57]) })
    const values = probability.data as Float32Array
    const list = new Array(n)
    for (let i = 0; i < n; i++) list[i] = { id: String(rows[s + i].id), abuse: { probability: values[i] } }
    return { messages: list }
  }
}

interface TitleRow {
  readonly id: number
  readonly year: number | null
  readonly genres: readonly string[]
}

const GENRES =
  'Action Adventure Animation Children Comedy Crime Documentary Drama Fantasy Film-Noir Horror IMAX Musical Mystery Romance Sci-Fi Thriller War Western'.split(
    ' ',
  )

function titles(session: InferenceSession): Answer {
  const root = join(packageRoot, 'examples/streaming/movielens')
  const rows = readRows<TitleRow>(join(root, 'data/titles.json'), 'titles')
  const version = join(root, 'models/rating-predictor/4')
  const members = positions(require(join(version, 'members.json')) as number[])
  const known = positions(require(join(version, 'titles.json')) as number[])
  const genre = new Map(GENRES.map((name, index) => [name, index]))
  return async ({ n, s, m }) => {
    const member = new BigInt64Array(n).fill(BigInt(members.get(m) ?? 0))
    const title = new BigInt64Array(n)
    const content = new Float32Array(n * 20)
    for (let i = 0; i < n; i++) {
      const row = rows[s + i]
      title[i] = BigInt(known.get(String(row.id)) ?? 0)
      for (const name of row.genres) {
        const index = genre.get(name)
        if (index !== undefined) content[i * 20 + index] = 1
      }
      content[i * 20 + 19] = ((row.year ?? 1997) - 1900) / 10
    }
    const { rating } = await session.run({
      member: new Tensor('int64', member, [n]),
      title: new Tensor('int64', title, [n]),
      content: new Tensor('float32', content, [n, 20]),
    })
    const values = rating.data as Float32Array
    const list = new Array(n)
    for (let i = 0; i < n; i++) list[i] = { id: String(rows[s + i].id), predictedRating: values[i] }
    return { titles: list }
  }
}

function positions(ids: readonly (string | number)[]): Map<string, number> {
  return new Map(ids.map((id, index) => [String(id), index + 1]))
}

main(cases[Number(process.argv[2])])
