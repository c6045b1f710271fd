import { buildSubgraphSchema } from '@apollo/subgraph'
import {
  buildSchema,
  execute,
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isCompositeType,
  isObjectType,
  parse,
  validate,
} from 'graphql'
import { createHttpExecutor } from '../../gateway/httpExecutor'
import type { SubgraphExecutor } from '../../lib/subgraphExecutor'
import { CountedMetrics } from '../support/countedMetrics'
import { type GraphqlServer, startGraphqlServer } from '../support/graphqlServer'
import { seeded } from '../support/seeded'
import { type Answer, type Federation, federate, linkFederation, type Subgraph } from './federate'

/**
 * Generated operations, answered by the gateway over three subgraphs in this process, by the gateway over the same
 * subgraphs behind HTTP, and by graphql-js over one schema with the same data: data and error paths must agree.
 */
const merged = buildSchema(`
  type Query { book(id: ID!): Book books(first: Int = 3): [Book!]! authors: [Author] anything: [Thing] nodes: [Node!] }
  interface Node { id: ID! }
  union Thing = Book | Author
  type Book implements Node { id: ID! title: String pages: Int! author: Author sequel: Book price(in: String): String stock: Int! summary: String reviews: [Review!]! }
  type Author implements Node { id: ID! name: String! books: [Book!] born: Int rating: Float }
  type Review { stars: Int! by: Author book: Book }
`)

type Args = Readonly<Record<string, unknown>>
interface Entity {
  readonly __typename: string
  readonly id: string
}

const book = (id: number): Entity => ({ __typename: 'Book', id: `b${id}` })
const author = (id: number): Entity => ({ __typename: 'Author', id: `a${id}` })
const numberOf = ({ id }: Entity) => Number(id.slice(1))
let isFailing = false

/** The value, or in operations that are to fail an error. */
function broken<T>(value: T): T {
  if (isFailing) throw new Error('broken')
  return value
}

const query = {
  book: (_: unknown, { id }: Args) => (String(id) === 'none' ? null : { __typename: 'Book', id: String(id) }),
  books: (_: unknown, { first }: Args) => Array.from({ length: Number(first) }, (__, i) => book(i)),
  authors: () => [author(0), null, author(1), author(0)],
  anything: () => [book(1), author(1), null, book(4)],
  nodes: () => [author(2), book(2), author(2)],
}
const catalogBook = {
  title: (it: Entity) => (numberOf(it) % 3 === 2 ? null : `title ${it.id}`),
  pages: (it: Entity) => (numberOf(it) === 4 ? broken(4) : 100 + numberOf(it)),
  author: (it: Entity) => (numberOf(it) % 4 === 3 ? null : author(numberOf(it) % 3)),
  sequel: (it: Entity) => (numberOf(it) < 3 ? book(numberOf(it) + 1) : null),
}
const storeBook = {
  price: (it: Entity, args: Args) => `${numberOf(it)} ${args['in'] ?? 'EUR'}`,
  stock: (it: Entity) => (numberOf(it) === 2 ? broken(2) : numberOf(it)),
  summary: (it: Entity & { title?: string | null }) => `about ${it.title ?? catalogBook.title(it)}`,
}
const reviewsBook = {
  reviews: (it: Entity) =>
    [1, 2].map((n) => ({ stars: n, by: author(n), book: n === 1 ? book(numberOf(it)) : null })),
}
const catalogAuthor = {
  name: (it: Entity) => `name ${it.id}`,
  books: (it: Entity) => [book(numberOf(it)), book(numberOf(it) + 2)],
}
const reviewsAuthor = {
  born: (it: Entity) => (numberOf(it) === 1 ? null : 1900 + numberOf(it)),
  rating: (it: Entity) => (numberOf(it) === 0 ? broken(3) : 4.5),
}

const subgraphs: Record<string, Subgraph> = {
  catalog: {
    typeDefs: `
      type Query { book(id: ID!): Book books(first: Int = 3): [Book!]! authors: [Author] anything: [Thing] nodes: [Node!] }
      interface Node { id: ID! }
      union Thing = Book | Author
      type Book implements Node @key(fields: "id") { id: ID! title: String pages: Int! author: Author sequel: Book }
      type Author implements Node @key(fields: "id") { id: ID! name: String! books: [Book!] }`,
    resolvers: { Query: query, Book: catalogBook, Author: catalogAuthor },
  },
  store: {
    typeDefs: `type Book @key(fields: "id") {
      id: ID! title: String @external price(in: String): String stock: Int! summary: String @requires(fields: "title")
    }`,
    resolvers: { Book: storeBook },
  },
  reviews: {
    typeDefs: `
      type Book @key(fields: "id") { id: ID! reviews: [Review!]! }
      type Author @key(fields: "id") { id: ID! born: Int rating: Float }
      type Review { stars: Int! by: Author book: Book }`,
    resolvers: { Book: reviewsBook, Author: reviewsAuthor },
  },
}

const resolversByType: Record<string, Record<string, unknown>> = {
  Query: query,
  Book: { ...catalogBook, ...storeBook, ...reviewsBook },
  Author: { ...catalogAuthor, ...reviewsAuthor },
}

const inProcess = federate(subgraphs)
const counted = new CountedMetrics()
/** Has seen each operation with other literals. */
const warm = federate(subgraphs, { metrics: counted })
let overHttp: Federation
const servers: GraphqlServer[] = []
const executors: SubgraphExecutor[] = []

beforeAll(async () => {
  const remote: Record<string, Subgraph> = {}
  for (const [name, { typeDefs, resolvers }] of Object.entries(subgraphs)) {
    const schema = buildSubgraphSchema([{ typeDefs: parse(linkFederation + typeDefs), resolvers }])
    const server = await startGraphqlServer(schema)
    const executor = createHttpExecutor({ name, url: server.url, timeoutMs: 10_000 })
    servers.push(server)
    executors.push(executor)
    remote[name] = { typeDefs, resolvers, executor: () => executor }
  }
  overHttp = federate(remote)
})

afterAll(async () => {
  for (const executor of executors) await executor.dispose?.()
  for (const server of servers) await server.close()
})

test.each([20, 21, 22, 23])(
  'five hundred generated operations (seed %i): the same data, and errors for the same nulls, in process, over HTTP and without subgraphs',
  async (seed) => {
    const random = seeded(seed)
    for (let i = 0; i < 500; i++) {
      isFailing = i % 2 === 0
      const text = generateOperation(merged, random)
      expect({ text, errors: validate(merged, parse(text)) }).toEqual({ text, errors: [] })
      const variables = { yes: random() < 0.5, in: random() < 0.5 ? 'USD' : null }
      const plain = await execute({
        schema: merged,
        document: parse(text),
        variableValues: variables,
        fieldResolver(source, args, _context, info) {
          const resolve = resolversByType[info.parentType.name]?.[info.fieldName]
          return typeof resolve === 'function' ? resolve(source, args) : source[info.fieldName]
        },
      })
      const expected = { text, data: JSON.parse(JSON.stringify(plain.data)), errors: nulledPlaces(plain) }
      const [local, remote] = await Promise.all([
        inProcess.query(text, variables),
        overHttp.query(text, variables),
      ])
      expect({ text, data: local.data, errors: nulledPlaces(local) }).toEqual(expected)
      expect({ text, data: remote.data, errors: nulledPlaces(remote) }).toEqual(expected)
      expect({ text, paths: pathsOf(remote) }).toEqual({ text, paths: pathsOf(local) })
    }
    for (const { calls } of servers) expect(calls.length).toBeGreaterThan(100)
  },
)

test.each([24, 25])(
  'generated operations (seed %i), after others that differ in literals only: the same as if they came first',
  async (seed) => {
    const random = seeded(seed)
    let withoutPlan = 0
    for (let i = 0; i < 200; i++) {
      isFailing = i % 2 === 0
      const text = generateOperation(merged, random)
      const variables = { yes: random() < 0.5, in: random() < 0.5 ? 'USD' : null }
      for (const other of [withOtherLiterals(text, 1), withOtherLiterals(text, 2)]) {
        await warm.query(other, variables)
      }
      const planned = counted.read(planCount)
      const answer = await warm.query(text, variables)
      if (counted.read(planCount) === planned) withoutPlan++
      expect({ text, ...seen(answer) }).toEqual({ text, ...seen(await inProcess.query(text, variables)) })
    }
    // Those without a literal differ from none; conditions have two values.
    expect(withoutPlan).toBeGreaterThan(70)
  },
)

/** The nulls that errors led to. Where two fields would make the same place null, either may be the one reported. */
function nulledPlaces({ data, errors = [] }: Result): string[] {
  const places = errors.map(({ path = [] }) => {
    let value: unknown = data
    const walked: (string | number)[] = []
    for (const key of path) {
      if (value === null || value === undefined) break
      value = (value as Record<string | number, unknown>)[key]
      walked.push(key)
    }
    return `${walked.join('.')}: ${JSON.stringify(value)}`
  })
  return [...new Set(places)].sort()
}

function pathsOf({ errors = [] }: Result): string[] {
  return errors.map(({ path = [] }) => path.join('.')).sort()
}

const planCount = 'presage_plan_cache_misses_total'

/** Each value that a field is given, made another one; equal ones stay equal. */
function withOtherLiterals(text: string, step: number): string {
  return text.replace(/"(\w+)"/g, (_, value) => `"${value}${step}"`).replace('first: 5', `first: ${5 + step}`)
}

/** All that a client sees, its errors in any order. */
function seen({ data, errors = [] }: Answer) {
  return { data, errors: errors.map((error) => JSON.stringify(error.toJSON())).sort() }
}

interface Result {
  readonly data?: unknown
  readonly errors?: readonly { readonly path?: readonly (string | number)[] }[]
}

function generateOperation(schema: GraphQLSchema, random: () => number): string {
  const fragments: string[] = []
  const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)]
  let aliases = 0

  function directive(): string {
    const chance = random()
    if (chance < 0.06) return ' @include(if: $yes)'
    return chance < 0.12 ? ' @skip(if: $yes)' : ''
  }

  function field(name: string, definition: GraphQLField<unknown, unknown>, depth: number): string {
    const alias = random() < 0.2 || name === 'price' ? `x${aliases++}: ` : ''
    const args = {
      book: `(id: "${pick(['b0', 'b1', 'b2', 'b4', 'none'])}")`,
      books: random() < 0.5 ? '(first: 5)' : '',
      price: pick(['', '(in: "NOK")', '(in: $in)']),
    }[name]
    const type = getNamedType(definition.type)
    const arguments_ = definition.args.length > 0 ? (args ?? '') : ''
    return `${alias}${name}${arguments_}${directive()} ${isCompositeType(type) ? selection(type, depth + 1) : ''}`
  }

  function selection(type: GraphQLNamedType, depth: number): string {
    const parts: string[] = random() < 0.3 || depth > 4 ? ['__typename'] : []
    if (isAbstractType(type)) {
      for (const possible of schema.getPossibleTypes(type)) {
        if (random() >= 0.7) continue
        parts.push(`... on ${possible.name}${directive()} ${selection(possible, depth + 1)}`)
      }
      if (type.name === 'Node') parts.push('id')
    } else if (isObjectType(type)) {
      for (const [name, definition] of Object.entries(type.getFields())) {
        const isLeaf = !isCompositeType(getNamedType(definition.type))
        if (random() >= (isLeaf ? 0.35 : depth > 3 ? 0 : 0.3)) continue
        parts.push(field(name, definition, depth))
      }
      if (random() < 0.15 && type.name !== 'Query') {
        const index = fragments.push('') - 1
        fragments[index] = `fragment F${index} on ${type.name} ${selection(type, depth + 1)}`
        parts.push(`...F${index}${directive()}`)
      }
    }
    if (parts.length === 0) parts.push('__typename')
    return `{ ${parts.join(' ')} }`
  }

  const body = selection(schema.getQueryType()!, 0)
  const text = `${body} ${fragments.join(' ')}`
  const declared = ['$yes: Boolean!', '$in: String'].filter((variable) =>
    text.includes(variable.split(':')[0]),
  )
  return `query ${declared.length > 0 ? `(${declared.join(', ')})` : ''} ${text}`
}
