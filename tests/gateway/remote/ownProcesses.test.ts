import { createServer, request as httpRequest } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buildSubgraphSchema } from '@apollo/subgraph'
import { type GraphQLObjectType, type GraphQLSchema, parse } from 'graphql'
import { callsType, FrameReader, frameText } from '../../../gateway/graphql/callFrames'
import { columnsType } from '../../../gateway/graphql/columnList'
import { createHttpExecutor } from '../../../gateway/remote/httpExecutor'
import { PresageError } from '../../../lib/errors'
import { withColumns } from '../../../lib/execution/columnField'
import type { SubgraphExecutor } from '../../../lib/execution/subgraphExecutor'
import { createClientRequest } from '../../../lib/request/clientRequest'
import { startGraphqlServer } from '../../support/graphqlServer'
import { type Federation, federate, linkPredict } from '../federate'
import { startServer } from '../startServer'

const cleanUp: (() => unknown)[] = []

afterEach(async () => {
  for (const stop of cleanUp.splice(0).reverse()) await stop()
})

/** What a request and its answer were, in order. */
interface Passed {
  sent: string
  answered: string
}

interface Target {
  url: string
  /** After so many bytes of an answer the connection is cut, once. */
  cutAfter?: number
  /** Whether to refuse calls that come together, as another server would. */
  refuses?: boolean
  /** A status with which to answer once, as a proxy may whatever it is asked. */
  once?: number
}

/** A proxy that notes the types of what passes. */
async function startProxy(target: Target) {
  const passed: Passed[] = []
  const proxy = createServer((message, response) => {
    const one = { sent: message.headers['content-type'] ?? '', answered: '' }
    passed.push(one)
    if (target.refuses && one.sent === callsType) {
      message.resume()
      response.writeHead(415, { 'content-type': 'text/html' }).end('unsupported')
      return
    }
    if (target.once !== undefined) {
      message.resume()
      response.writeHead(target.once, { 'content-type': 'text/html' }).end('not now')
      target.once = undefined
      return
    }
    const { cutAfter } = target
    target.cutAfter = undefined
    const onward = httpRequest(
      target.url,
      { method: 'POST', headers: { ...message.headers, host: new URL(target.url).host }, agent: false },
      (answer) => {
        one.answered = answer.headers['content-type'] ?? ''
        response.writeHead(answer.statusCode!, answer.headers)
        if (cutAfter === undefined) answer.pipe(response)
        else
          answer.once('data', (chunk: Buffer) =>
            response.write(chunk.subarray(0, cutAfter), () => response.destroy()),
          )
      },
    )
    onward.on('error', () => response.destroy())
    message.pipe(onward)
  })
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
  cleanUp.push(() => {
    proxy.closeAllConnections()
    return new Promise((resolve) => proxy.close(resolve))
  })
  const { port } = proxy.address() as AddressInfo
  return { passed, url: `http://127.0.0.1:${port}/graphql` }
}

const silent = { isOn: () => false, write: () => {} }

async function startOwn(schema: GraphQLSchema): Promise<string> {
  const server = await startServer({ schema, maxBodyBytes: 1_000_000, log: silent })
  cleanUp.push(() => server.close())
  return `${server.url}/graphql`
}

function executorOf(url: string): SubgraphExecutor {
  const executor = createHttpExecutor({ name: 'a', url, timeoutMs: 60_000 })
  cleanUp.push(() => executor.dispose?.())
  return executor
}

const request = () => createClientRequest({ id: '1', deadline: performance.now() + 60_000 })

describe('lists by columns', () => {
  const catalog = `
    type Query { titles(kind: String): [Title!] shelf: [[Title!]!] media: [Medium] }
    interface Medium { id: ID! }
    enum Sort { FILM SERIES }
    type Title implements Medium @key(fields: "id") {
      id: ID! year: Int genres: [String!] name: String price: Float isNew: Boolean sort: Sort must: String!
    }`
  const ratings = `
    type Title @key(fields: "id") {
      id: ID! year: Int @external genres: [String!] @external
      rating(of: String): Float @requires(fields: "year genres") @predict(objective: "RATING")
    }`
  const names = ['plain', 'a,b', 'qu"ote', 'back\\slash', 'line\nbreak', 'größe', '😀', '\ud800', '', 'null']
  const rows = names.map((name, at) => ({
    ...{ __typename: 'Title', id: `${at}`, name, year: at % 3 === 1 ? null : 1990 + at },
    ...{ genres: at % 4 === 2 ? null : ['x', name].slice(0, at % 3), sort: at % 2 ? 'FILM' : null },
    ...{
      price: [1, -0.5, 1e21, 1e-7, null, 0.1, 3.25, 0, -0, 12345678.9][at],
      isNew: at % 2 === 0,
      must: name,
    },
  }))
  const kinds: Readonly<Record<string, readonly object[] | null>> = {
    all: rows,
    none: [],
    absent: null,
    withNull: [...rows.slice(0, 2), null] as object[],
    old: [{ id: 'o', year: 1800, genres: [], must: 'm' }, ...rows],
    lacking: [{ id: 'l', year: 2000 }, ...rows],
    many: Array.from({ length: 2500 }, (_, at) => ({
      id: `${at}`,
      year: 1900 + at,
      genres: ['g'],
      must: 'm',
    })),
  }
  const resolvers = {
    catalog: {
      Query: {
        titles: (_: unknown, { kind }: { kind: string }) => kinds[kind],
        shelf: () => [rows.slice(0, 2), rows.slice(1, 3)],
        media: () => rows,
      },
      Medium: { __resolveType: () => 'Title' },
    },
    ratings: {},
  }

  /** Rates by year, or fails for those before 1900. */
  function rate(title: { year: number | null; genres?: readonly string[] | null }): number | null | Error {
    const { year, genres } = title
    if (year === null) return null
    return year < 1900
      ? new PresageError('BAD_FEATURE', 'year: must be at least 1900')
      : year / 7 + (genres?.length ?? 0)
  }

  function rated(schema: GraphQLSchema): GraphQLSchema {
    const title = schema.getType('Title') as GraphQLObjectType
    title.getFields()['rating'].resolve = withColumns(rate, {
      parentFields: ['year', 'genres'],
      takesReferences: true,
      async answer({ parents }) {
        const all = (parents as Parameters<typeof rate>[0][]).map(rate)
        const errors = all.map((value) => (value instanceof Error ? value : undefined))
        return {
          values: all.map((value) => (value instanceof Error ? null : value)),
          errors: errors.some((error) => error !== undefined) ? errors : undefined,
        }
      },
    })
    return schema
  }

  const typeDefs = { catalog, ratings }
  const schemaOf = (name: keyof typeof typeDefs) => {
    const schema = buildSubgraphSchema([
      { typeDefs: parse(linkPredict + typeDefs[name]), resolvers: resolvers[name] },
    ])
    return name === 'ratings' ? rated(schema) : schema
  }

  const own: Record<string, Passed[]> = {}
  let foreign: Federation
  let ours: Federation
  let kept: (() => unknown)[] = []

  beforeAll(async () => {
    const graph = async (start: (name: keyof typeof typeDefs) => Promise<string>) => {
      const subgraphs: Record<string, Parameters<typeof federate>[0][string]> = {}
      for (const name of ['catalog', 'ratings'] as const) {
        const executor = executorOf(await start(name))
        subgraphs[name] = { typeDefs: linkPredict + typeDefs[name], executor: () => executor }
      }
      return federate(subgraphs)
    }
    foreign = await graph(async (name) => {
      const server = await startGraphqlServer(schemaOf(name))
      cleanUp.push(server.close)
      return server.url
    })
    ours = await graph(async (name) => {
      const { passed, url } = await startProxy({ url: await startOwn(schemaOf(name)) })
      own[name] = passed
      return url
    })
    kept = cleanUp.splice(0)
  })
  afterAll(async () => {
    for (const stop of kept.reverse()) await stop()
  })

  // All kinds but `absent`, `withNull` and `many`; `lacking` without `must`.
  it.each([
    ['{ id rating }', 4, true],
    ['{ rating(of: "x") again: rating(of: "y") n: name name id __typename }', 4, true],
    ['{ t: __typename price isNew name }', 4, false],
    ['{ genres year id rating }', 4, true],
    ['{ sort id rating }', 4, true],
    ['{ must rating }', 3, true],
    ['{ id ...F @include(if: $yes) rating @skip(if: $no) } fragment F on Title { year name }', 4, true],
    ['{ id ... @skip(if: $yes) { name } rating @include(if: $no) }', 4, false],
  ])(
    'answer to the byte what the same subgraphs answer by graphql-js: %s',
    async (selection, lists, isRated) => {
      let byColumns = 0
      own['ratings'].splice(0)
      for (const kind of Object.keys(kinds)) {
        const [list, fragment = ''] = selection.split(' fragment')
        const declared = selection.includes('$yes') ? ', $yes: Boolean = true, $no: Boolean = false' : ''
        const text = `query ($kind: String${declared}) { titles(kind: $kind) ${list} }${fragment && ` fragment${fragment}`}`
        const expected = await foreign.query(text, { kind })
        // Ours hides internal errors, so errors are compared with those of the first time, which is not by columns.
        let errors: string | undefined
        for (let time = 0; time < 3; time++) {
          own['catalog'].splice(0)
          const answer = await ours.query(text, { kind })
          expect([kind, JSON.stringify(answer.data)]).toEqual([kind, JSON.stringify(expected.data)])
          expect(answer.errors?.map(({ path }) => path)).toEqual(expected.errors?.map(({ path }) => path))
          if (time === 0) errors = JSON.stringify(answer.errors)
          expect(JSON.stringify(answer.errors)).toBe(errors)
        }
        if (own['catalog'][0]?.answered === columnsType) byColumns++
      }
      expect(byColumns).toBe(lists)
      expect(own['ratings'].some(({ sent }) => sent === columnsType)).toBe(isRated)
    },
  )

  it.each(['{ shelf { id rating } }', '{ media { id } }', '{ a: titles(kind: "all") { id } media { id } }'])(
    'are the same lists where they go otherwise: %s',
    async (text) => {
      const expected = await foreign.query(text)
      for (let time = 0; time < 3; time++) expect(await ours.query(text)).toEqual(expected)
    },
  )
})

describe('calls together', () => {
  let slow = Promise.resolve(1)
  const schema = buildSubgraphSchema([
    {
      typeDefs: parse('type Query { number(of: Int): Int! slow: Int! }'),
      resolvers: {
        Query: {
          number: (_: unknown, { of }: { of: number }) =>
            of < 0 ? new PresageError('BAD_FEATURE', 'below 0') : of,
          slow: () => slow,
        },
      },
    },
  ])
  const operationOf = (text: string) => ({ kind: 'query' as const, text, document: parse(text) })
  const number = operationOf('query ($of: Int) { number(of: $of) }')
  const ask = (executor: SubgraphExecutor, of: number) => executor.execute(number, { of }, request())
  const askAll = (executor: SubgraphExecutor, all: readonly number[]) =>
    Promise.all(
      all.map((of) => ask(executor, of).then(({ data, errors }) => data?.['number'] ?? errors?.[0]?.message)),
    )

  it('go in one request as soon as the subgraph has said that it takes them', async () => {
    const target: Target = { url: await startOwn(schema) }
    const { passed, url } = await startProxy(target)
    const executor = executorOf(url)
    await ask(executor, 0)
    expect(await askAll(executor, [1, 2, -3, 4])).toEqual([1, 2, 'below 0', 4])
    expect(passed.map(({ sent }) => sent)).toEqual(['application/json', callsType])

    // Those that were answered keep their answers; the others are repeated.
    passed.splice(0)
    target.cutAfter =
      frameText({ call: 0, status: 200, type: 'application/json; charset=utf-8' }, '').length + 60
    expect(await askAll(executor, [5, 6, 7])).toEqual([5, 6, 7])
    expect(passed[0].sent).toBe(callsType)

    // Another server in its place gets them one by one.
    target.refuses = true
    passed.splice(0)
    await ask(executor, 0)
    expect(await askAll(executor, [8, 9])).toEqual([8, 9])
    expect(await askAll(executor, [10, 11])).toEqual([10, 11])
    expect(passed.filter(({ sent }) => sent === callsType).length).toBe(1)
    expect(passed.length).toBe(6)
  })

  it('go in one request also where a proxy was there before the subgraph', async () => {
    const { passed, url } = await startProxy({ url: await startOwn(schema), once: 502 })
    const executor = executorOf(url)
    await ask(executor, 0)
    expect(await askAll(executor, [1, 2])).toEqual([1, 2])
    expect(passed.map(({ sent }) => sent)).toEqual(['application/json', 'application/json', callsType])
  })

  it.each([429, 500])('go in one request again after one that was answered with %i', async (status) => {
    const target: Target = { url: await startOwn(schema) }
    const { passed, url } = await startProxy(target)
    const executor = executorOf(url)
    // Before it is known whether the subgraph takes them, and when it is.
    for (const known of [false, true]) {
      target.once = status
      if (known) expect(await askAll(executor, [1, 2])).toEqual([1, 2])
      else expect((await ask(executor, 0)).errors).toHaveLength(1)
      await ask(executor, 0)
      passed.splice(0)
      expect(await askAll(executor, [3, 4])).toEqual([3, 4])
      expect(passed.map(({ sent }) => sent)).toEqual([callsType])
    }
  })

  it('fail alone where their answer is too long', async () => {
    const texts = buildSubgraphSchema([
      {
        typeDefs: parse('type Query { text(length: Int): String! }'),
        resolvers: { Query: { text: (_: unknown, { length }: { length: number }) => 'x'.repeat(length) } },
      },
    ])
    const { passed, url } = await startProxy({ url: await startOwn(texts) })
    const executor = createHttpExecutor({ name: 'a', url, timeoutMs: 60_000, maxAnswerBytes: 1_000 })
    cleanUp.push(() => executor.dispose?.())
    const text = operationOf('query ($length: Int) { text(length: $length) }')
    const askFor = async (length: number) => {
      const { data, errors } = await executor.execute(text, { length }, request())
      return (data?.['text'] as string | undefined)?.length ?? errors?.[0]?.message
    }
    await askFor(0)
    passed.splice(0)
    const failed = 'subgraph a: expected an answer, but it failed'
    const answers = await Promise.all([900_000, 1, 2_000, 2].map(askFor))
    expect(answers).toEqual([failed, 1, failed, 2])
    expect(passed.map(({ sent }) => sent)).toEqual([callsType])
  })

  it('fail where the answers do not say whose they are', async () => {
    const ok = JSON.stringify({ data: { number: 1 } })
    const server = createServer((message, response) => {
      const isMany = message.resume().headers['content-type'] === callsType
      response.writeHead(200, {
        'content-type': isMany ? callsType : 'application/json',
        'x-presage-calls': '1',
      })
      response.end(isMany ? frameText({ status: 200, type: 'application/json' }, ok).repeat(2) : ok)
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    cleanUp.push(() => server.close())
    const executor = executorOf(`http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`)
    await ask(executor, 1)
    const failed = 'subgraph a: expected an answer, but it failed'
    expect(await askAll(executor, [1, 2])).toEqual([failed, failed])
  })

  it('do not wait for each other', async () => {
    const executor = executorOf(await startOwn(schema))
    await ask(executor, 0)
    await executor.execute(operationOf('{ slow }'), {}, request())
    let end = (_: number) => {}
    slow = new Promise((resolve) => {
      end = resolve
    })
    const slowly = executor.execute(operationOf('{ slow }'), {}, request())
    expect((await ask(executor, 1)).data).toEqual({ number: 1 })
    end(1)
    expect((await slowly).data).toEqual({ slow: 1 })
  })

  const post = async (url: string, body: string, headers: Record<string, string> = {}) => {
    const answer = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': callsType, ...headers },
      body,
    })
    return { status: answer.status, text: await answer.text() }
  }

  it.each([
    ['no line', 'x', 400],
    ['no JSON', 'x\n{}', 400],
    ['less than they say', '{"bytes":9}\n{}', 400],
    ['more calls than may come together', '{"bytes":0}\n'.repeat(33), 400],
    ['more than a body may have', '{"bytes":9e9}\n{}', 400],
    ['too many bytes', `{"bytes":1000000}\n${' '.repeat(1_500_000)}`, 413],
  ])('frames with %s are refused', async (_, body, status) => {
    expect(await post(await startOwn(schema), body)).toMatchObject({ status })
  })

  it('each is an exchange of its own, with its own errors; of headers, a call brings only its own', async () => {
    const url = await startOwn(schema)
    const body = frameText({ envelope: 'none', type: 'text/plain' }, '{"query":"{ number(of: 1) }"}')
    const { status, text } = await post(url, `${body}${frameText({}, '{')}${frameText({}, '[{},{}]')}`)
    const answers: string[] = []
    new FrameReader(100_000, ({ call, status }, answer) =>
      answers.push(`${call} ${status} ${JSON.parse(answer).errors?.[0].extensions.code ?? 'data'}`),
    ).push(Buffer.from(text))
    expect([status, answers.sort()]).toEqual([
      200,
      ['0 400 BAD_REQUEST', '1 400 BAD_REQUEST', '2 400 OPERATION_TOO_LARGE'],
    ])
  })

  it('the graph of clients takes none', async () => {
    const { gateway } = federate({ a: { typeDefs: 'type Query { ok: Int }' } })
    const server = await startServer({ gateway })
    cleanUp.push(() => server.close())
    expect(await post(`${server.url}/graphql`, frameText({}, '{"query":"{ ok }"}'))).toMatchObject({
      status: 415,
    })
  })
})
