import { buildSubgraphSchema } from '@apollo/subgraph'
import { type ExecutionResult, GraphQLError, type GraphQLSchema, parse } from 'graphql'
import { systemClock } from '../../lib/clock'
import type { SubgraphExecutor, SubgraphOperation } from '../../lib/execution/subgraphExecutor'
import { type ClientRequest, createClientRequest } from '../../lib/request/clientRequest'
import { callerOf } from '../support/callerOf'

export interface Running {
  readonly executor: SubgraphExecutor
  stop(): Promise<void>
}

export interface ExecutorStarter {
  /** An executor of a subgraph with this schema. */
  start(schema: GraphQLSchema): Promise<Running>
  /** An executor of a subgraph that cannot answer anything. */
  startBroken(): Promise<Running>
}

/** What every kind of executor promises, so that a subgraph can move out of the process and nobody sees it. */
export function subgraphExecutorContract({ start, startBroken }: ExecutorStarter): void {
  let running: Running
  let service: Service

  beforeEach(async () => {
    service = createService()
    running = await start(service.schema)
  })

  afterEach(() => running.stop())

  const ask = (text: string, variables = {}, request = freshRequest()) =>
    running.executor.execute(operation(text), variables, request).then(plain)

  it('answers data', async () => {
    expect(await ask('{ hello shelf { name } }')).toEqual({
      data: { hello: 'hello you', shelf: [{ name: 'item 0' }, { name: 'item 1' }, { name: 'item 2' }] },
    })
  })

  it('takes a variable that is given, one that is null and one that is left out each for what it is', async () => {
    const text = 'query ($name: String) { hello(name: $name) }'
    expect(await ask(text, { name: '"\u2028\ud83d\ude00' })).toEqual({
      data: { hello: 'hello "\u2028\ud83d\ude00' },
    })
    expect(await ask(text, { name: null })).toEqual({ data: { hello: 'hello nobody' } })
    expect(await ask(text, {})).toEqual({ data: { hello: 'hello you' } })
  })

  it('resolves entities in the order of their representations', async () => {
    const text =
      'query ($representations: [_Any!]!) { _entities(representations: $representations) { ... on Item { name } } }'
    const representations = [2, 0, 9].map((id) => ({ __typename: 'Item', id: String(id) }))
    expect(await ask(text, { representations })).toEqual({
      data: { _entities: [{ name: 'item 2' }, { name: 'item 0' }, null] },
    })
  })

  it('answers errors with path, message and code beside the data that stands', async () => {
    expect(await ask('{ hello shelf { name price } }')).toEqual({
      data: {
        hello: 'hello you',
        shelf: [
          { name: 'item 0', price: 0 },
          { name: 'item 1', price: null },
          { name: 'item 2', price: 2 },
        ],
      },
      errors: [
        { message: 'no price', path: ['shelf', 1, 'price'], extensions: { code: 'NO_PRICE', since: 3 } },
      ],
    })
  })

  it('answers null as a whole where a field that must not be null fails', async () => {
    const { data, errors } = await ask('{ hello demanded }')
    expect(data).toBeNull()
    expect(errors).toMatchObject([{ message: 'not to be had', path: ['demanded'] }])
  })

  it('runs the fields of a mutation one after the other', async () => {
    const text = 'mutation { a: add(by: 5) b: add(by: 1) c: add(by: 3) }'
    expect(await ask(text)).toEqual({ data: { a: 5, b: 6, c: 9 } })
    expect(service.overlaps()).toBe(0)
  })

  it('answers what is big', async () => {
    const { data } = await ask('{ long(length: 3000000) }')
    expect((data as { long: string }).long.length).toBe(3_000_000)
  })

  it('resolves with errors and without data where the operation cannot be run', async () => {
    const { data, errors } = await ask('query ($length: Int!) { long(length: $length) }', {})
    expect(data).toBeUndefined()
    expect(errors?.[0].message).toContain('$length')
    expect(errors?.[0].path).toBeUndefined()
  })

  it('resolves with errors and without data where the subgraph answers nothing', async () => {
    const broken = await startBroken()
    const { data, errors } = await broken.executor.execute(operation('{ hello }'), {}, freshRequest())
    await broken.stop()
    expect(data).toBeUndefined()
    expect(errors?.length).toBeGreaterThan(0)
    expect(errors?.[0].path).toBeUndefined()
  })

  it('does not run what nobody waits for', async () => {
    const { data, errors } = await ask('mutation { add(by: 1) }', {}, freshRequest(AbortSignal.abort()))
    expect(data).toBeUndefined()
    expect(errors).toMatchObject([{ extensions: { code: 'CANCELLED' } }])
    expect(await ask('mutation { add(by: 0) }')).toEqual({ data: { add: 0 } })
  })

  it('does not let one who leaves take the answer from another who asks the same', async () => {
    const leaving = new AbortController()
    const left = ask('{ held }', {}, freshRequest(leaving.signal))
    const staying = ask('{ held }')
    await service.entered
    leaving.abort()
    service.open()
    expect(await staying).toEqual({ data: { held: 'done' } })
    await left
  })

  it('gives everybody an answer of their own: the gateway merges into it', async () => {
    const raw = (request: ClientRequest) => running.executor.execute(asked, {}, request)
    const asked = operation('{ shelf { name } }')
    const [one, other] = await Promise.all([raw(freshRequest()), raw(freshRequest())])
    Object.assign((one.data as { shelf: object[] }).shelf[0], { name: 'changed' })
    expect(plain(other).data?.['shelf']).toContainEqual({ name: 'item 0' })
  })
}

/** A request with ten seconds left. */
export function freshRequest(signal?: AbortSignal): ClientRequest {
  return createClientRequest({
    id: 'test',
    deadline: systemClock.now() + 10_000,
    caller: signal && callerOf(signal),
  })
}

export function operation(text: string): SubgraphOperation {
  return { kind: text.startsWith('mutation') ? 'mutation' : 'query', text, document: parse(text) }
}

interface PlainResult {
  data?: Record<string, unknown> | null
  errors?: { message: string; path?: unknown[]; extensions?: Record<string, unknown> }[]
}

/** The result as the client would read it, less the places in a document that the client never sees. */
export function plain(result: ExecutionResult): PlainResult {
  const { data, errors }: PlainResult = JSON.parse(JSON.stringify(result))
  return {
    ...(data !== undefined && { data }),
    ...(errors && {
      errors: errors.map(({ message, path, extensions }) => ({
        message,
        ...(path && { path }),
        ...(extensions && { extensions }),
      })),
    }),
  }
}

interface Service {
  readonly schema: GraphQLSchema
  /** Settles when somebody asked for the field that is held. */
  readonly entered: Promise<void>
  open(): void
  /** How often a mutation began while another ran. */
  overlaps(): number
}

function createService(): Service {
  let sum = 0
  let running = 0
  let overlaps = 0
  let enter = () => {}
  let open = () => {}
  const entered = new Promise<void>((resolve) => {
    enter = resolve
  })
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  const item = (id: number) => ({ __typename: 'Item', id: String(id) })
  const schema = buildSubgraphSchema([
    {
      typeDefs: parse(`
        extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])
        type Query { hello(name: String = "you"): String demanded: String! long(length: Int!): String held: String shelf: [Item] }
        type Mutation { add(by: Int!): Int }
        type Item @key(fields: "id") { id: ID! name: String price: Int }`),
      resolvers: {
        Query: {
          hello: (_: unknown, { name }: { name?: string | null }) => `hello ${name ?? 'nobody'}`,
          demanded() {
            throw new GraphQLError('not to be had')
          },
          long: (_: unknown, { length }: { length: number }) => 'x'.repeat(length),
          async held() {
            enter()
            await opened
            return 'done'
          },
          shelf: () => [item(0), item(1), item(2)],
        },
        Mutation: {
          async add(_: unknown, { by }: { by: number }) {
            if (running++ > 0) overlaps++
            await new Promise((resolve) => setImmediate(resolve))
            sum += by
            running--
            return sum
          },
        },
        Item: {
          __resolveReference: ({ id }: { id: string }) => (Number(id) < 3 ? item(Number(id)) : null),
          name: ({ id }: { id: string }) => `item ${id}`,
          price({ id }: { id: string }) {
            if (id === '1') throw new GraphQLError('no price', { extensions: { code: 'NO_PRICE', since: 3 } })
            return Number(id)
          },
        },
      },
    },
  ])
  return { schema, entered, open, overlaps: () => overlaps }
}
