import { connect } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import type { GatewayLimits } from '../../../gateway/limits/limits'
import type { HttpServer } from '../../../gateway/server/httpServer'
import { PresageError } from '../../../lib/errors'
import { answerMemory } from '../../../lib/execution/answerMemory'
import type { Log } from '../../../lib/log'
import { until } from '../../support/until'
import { federate } from '../federate'
import { startServer } from '../startServer'

const servers: HttpServer[] = []
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()))
})

let partsAsked = 0
const nameOf = (id: number) => `the "${id}" é`

/** Lists of any length, whose items have lists of their own. */
function lists(limits: Partial<GatewayLimits> = {}) {
  return federate(
    {
      a: {
        typeDefs: `
          type Query { items(first: Int!): [Item]! endless(count: Int!): [Item!] note(length: Int!): String notes(count: Int!, length: Int!): [String] }
          type Item @key(fields: "id") { id: ID! name: String parts(first: Int): [Part!] numbers(count: Int!): [Int!] broken: String }
          type Part { id: ID! }`,
        resolvers: {
          Query: {
            items: (_: unknown, { first }: { first: number }) =>
              upTo(first).map((id) => ({ id, name: nameOf(id) })),
            endless: (_: unknown, { count }: { count: number }) => upTo(count).map((id) => ({ id })),
            notes: (_: unknown, { count, length }: { count: number; length: number }) =>
              upTo(count).map(() => 'x'.repeat(length)),
            note: (_: unknown, { length }: { length: number }) => 'x'.repeat(length),
          },
          Item: {
            parts: (_: unknown, { first }: { first: number }) => {
              partsAsked++
              return upTo(first).map((id) => ({ id }))
            },
            numbers: (_: unknown, { count }: { count: number }) => upTo(count),
            broken: () => {
              throw new PresageError('BAD_USER_INPUT', 'no')
            },
          },
        },
      },
      b: {
        typeDefs: 'type Item @key(fields: "id") { id: ID! score: Float }',
        resolvers: {
          Item: {
            __resolveReference: ({ id }: { id: string }) => ({ id, score: Number(id) / 2 }),
          },
        },
      },
    },
    { limits },
  )
}

async function open(limits?: Partial<GatewayLimits>, options: object = {}) {
  const { gateway } = lists(limits)
  const server = await startServer({ gateway, ...options })
  servers.push(server)
  return {
    server,
    async ask(query: string, headers: Record<string, string> = {}) {
      const response = await fetch(`${server.url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify({ query }),
      })
      const text = await response.text()
      return {
        status: response.status,
        length: response.headers.get('content-length'),
        text,
        json: JSON.parse(text),
      }
    },
  }
}

describe('a long answer', () => {
  test('is the same with Apollo Server and without it, and complete', async () => {
    const { ask } = await open()
    const text = '{ items(first: 9000) { id name n: name score parts(first: 2) { id } } }'
    const expected = {
      items: upTo(9000).map((id) => ({
        id: String(id),
        name: nameOf(id),
        n: nameOf(id),
        score: id / 2,
        parts: [{ id: '0' }, { id: '1' }],
      })),
    }
    const cold = await ask(text)
    expect(cold.json).toEqual({ data: expected })
    const warm = await ask(text)
    expect(warm.text).toBe(cold.text)
    expect(warm.length).toBe(String(Buffer.byteLength(warm.text)))
  })

  test('has its errors beside it', async () => {
    const { ask } = await open()
    const text = '{ items(first: 8000) { id name } x: items(first: 3) { broken } }'
    for (const { json } of [await ask(text), await ask(text)]) {
      expect(json.data.items).toHaveLength(8000)
      expect(json.data.x).toEqual([{ broken: null }, { broken: null }, { broken: null }])
      expect(json.errors.map(({ path }: { path: string[] }) => path.join('.'))).toEqual([
        'x.0.broken',
        'x.1.broken',
        'x.2.broken',
      ])
    }
  })

  test('lets others have their answers while it is made', async () => {
    const { ask } = await open({ answer: { values: 2_000_000, bytes: 1e9 } }, { defaultTimeoutMs: 60_000 })
    let isDone = false
    const long = ask('{ items(first: 100000) { id name parts(first: 1) { id } } }').then((answer) => {
      isDone = true
      return answer
    })
    let meanwhile = 0
    while (!isDone) {
      await ask('{ items(first: 1) { id } }')
      meanwhile++
    }
    expect((await long).json.data.items).toHaveLength(100_000)
    // One at a time, of which the first and the last may wait for nothing of it.
    expect(meanwhile).toBeGreaterThan(3)
  })

  test('is given up when its time is up: the loop is free, and the client is told', async () => {
    const { ask } = await open({ answer: { values: 1e9, bytes: 1e9 } })
    partsAsked = 0
    const text = '{ items(first: 200000) { parts(first: 100) { id } } }'
    const { json } = await ask(text, { 'x-presage-timeout-ms': '300' })
    expect(partsAsked).toBeLessThan(200_000)
    expect(json.data).toBeNull()
    expect(json.errors[0].extensions.code).toBe('DEADLINE_EXCEEDED')
    expect((await ask('{ items(first: 1) { id } }')).json).toEqual({ data: { items: [{ id: '0' }] } })
  })

  test.each([
    ['many', 15_000, 100],
    ['long', 4000, 4000],
  ])('of a list of %s texts is written in parts', async (_, count, length) => {
    const { ask } = await open({ answer: { values: 1e9, bytes: 1e9 } })
    const stringify = jest.spyOn(JSON, 'stringify')
    try {
      const { json } = await ask(`{ notes(count: ${count}, length: ${length}) }`)
      const written = stringify.mock.results.map(({ value }) => String(value).length)
      expect(json.data.notes).toEqual(Array(count).fill('x'.repeat(length)))
      expect(Math.max(...written)).toBeLessThan(50_000)
    } finally {
      stringify.mockRestore()
    }
  })

  test('is not made any more once its client has gone', async () => {
    const outcomes: unknown[] = []
    const log: Log = { isOn: () => true, write: (_, __, fields) => outcomes.push(fields?.['aborted']) }
    const { server, ask } = await open({ answer: { values: 1e9, bytes: 1e9 } }, { log })
    partsAsked = 0
    const body = JSON.stringify({ query: '{ items(first: 300000) { parts(first: 100) { id } } }' })
    const socket = connect(server.port, '127.0.0.1')
    socket.write(
      `POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
    )
    await until(() => partsAsked > 0)
    socket.destroy()
    await until(() => outcomes.includes(true))
    await ask('{ items(first: 1) { id } }')
    const asked = partsAsked
    // One that goes on takes a part of each turn.
    for (let n = 0; n < 10; n++) await ask('{ items(first: 1) { id } }')
    expect(partsAsked).toBe(asked)
    expect(asked).toBeLessThan(300_000)
  })

  test.each([
    ['many values', '{ items(first: 90000) { name a: name b: name c: name d: name e: name } }'],
    ['one long text', '{ note(length: 16000000) }'],
  ])(
    'of %s is taken by a client that reads slowly; one that takes nothing for too long is cut off',
    async (_, query) => {
      const limits = { answer: { values: 1e6, bytes: 1e8 } }
      const { server } = await open(limits)
      const { server: hasty } = await open(limits, { sendTimeoutMs: 500 })
      const body = JSON.stringify({ query })
      const head = `POST /graphql HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n`
      /** Reads a piece, and the next one after each `rest`. */
      const received = ({ port }: HttpServer, rest: () => Promise<unknown>) =>
        new Promise<{ bytes: number; length: number }>((resolve) => {
          let bytes = 0
          let length = 0
          const socket = connect(port, '127.0.0.1')
          socket.write(head + body)
          socket.on('close', () => resolve({ bytes, length }))
          socket.on('error', () => {})
          socket.on('data', async (data) => {
            if (bytes === 0) length = Number(/content-length: (\d+)/.exec(String(data))?.[1])
            bytes += data.length
            socket.pause()
            await rest()
            socket.resume()
          })
        })
      const slow = await received(server, () => pause(1))
      expect(slow.length).toBeGreaterThan(10_000_000)
      expect(slow.bytes).toBeGreaterThan(slow.length)
      const isHeld = () => {
        const others = answerMemory.most - slow.length + 1
        if (!answerMemory.takes(others)) return true
        answerMemory.release(others)
        return false
      }
      const hold = until(isHeld)
      const cut = await received(hasty, async () => {
        await hold
        await until(() => !isHeld())
      })
      expect(cut.length).toBe(slow.length)
      expect(cut.bytes).toBeLessThan(cut.length)
    },
  )
})

test('a text after a long list counts for the size of the answer as one before it does', async () => {
  const { ask } = await open({ answer: { values: 1e6, bytes: 1e6 } })
  const [list, text] = ['endless(count: 6000) { id }', 'note(length: 2000000)']
  for (const query of [`{ ${list} ${text} }`, `{ ${text} ${list} }`])
    expect((await ask(query)).json.errors?.[0].extensions).toMatchObject({
      code: 'ANSWER_TOO_LARGE',
      limit: 'answerBytes',
      field: 'Query.note',
    })
})

describe('an answer that is too large', () => {
  const limits = { answer: { values: 1000, bytes: 20_000 } }

  test.each([
    ['before it is made, by its arguments', '{ items(first: 500) { id name } }', 'items', 1501],
    [
      'before it is made, with the field that has most',
      '{ a: items(first: 2) { id } b: items(first: 900) { id } }',
      'b',
      1806,
    ],
    ['while its lists are made', '{ endless(count: 5000) { id } }', 'Query.endless', undefined],
    [
      'while it is written, each alias counted',
      `{ items(first: 3) { ${'abcdefgh'.replace(/./g, '$&: numbers(count: 50) ')} } }`,
      'Query',
      undefined,
    ],
    ['by its errors', '{ endless(count: 400) { broken } }', 'Query.endless', undefined],
    [
      'by its bytes',
      `{ endless(count: 200) { ${'abc'.replace(/./g, (c) => `${c.repeat(40)}: id `)} } }`,
      'Query',
      undefined,
    ],
  ])('is refused %s', async (_, text, field, count) => {
    const { ask } = await open(limits)
    const named = text.includes('{ endless(count: 200)')
      ? { limit: 'answerBytes', maximum: 20_000 }
      : { limit: 'answerValues', maximum: 1000 }
    for (const accept of ['application/json', 'application/graphql-response+json']) {
      const [cold, warm] = [await ask(text, { accept }), await ask(text, { accept })]
      expect(warm).toEqual(cold)
      expect(cold.status).toBe(accept === 'application/json' ? 200 : 400)
      expect(cold.json.data).toBeUndefined()
      expect(cold.json.errors).toHaveLength(1)
      expect(cold.json.errors[0].extensions).toMatchObject({
        code: 'ANSWER_TOO_LARGE',
        ...named,
        field,
        ...(count !== undefined && { count }),
      })
    }
  })

  test('does not keep one of the allowed size from being answered', async () => {
    const { ask } = await open(limits)
    expect((await ask('{ items(first: 300) { id name } }')).json.data.items).toHaveLength(300)
  })
})

function upTo(count: number): number[] {
  return Array.from({ length: count }, (_, n) => n)
}
