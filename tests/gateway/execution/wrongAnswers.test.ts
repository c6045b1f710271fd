import { buildSchema, GraphQLScalarType, graphql } from 'graphql'
import { type Example, startExample } from '../../support/example'
import { type BothWays, bothWays, ways } from '../bothWays'
import { type Answer, federate } from '../federate'

/** Operations that were answered wrongly once, each as it was found. */

/** What a client sees. */
function seen({ data, errors }: Answer) {
  const told = errors?.map(({ message, path, locations }) => ({ message, path, locations }))
  return JSON.parse(JSON.stringify({ data, errors: told })) as object
}

describe('on a small graph', () => {
  /** Calls of fields that do something, in their order. */
  const calls: string[] = []
  const books: Record<string, object> = {
    b1: { __typename: 'Book', id: 'b1', title: 'One', pages: 100 },
    b2: { __typename: 'Book', id: 'b2', title: 'Two', pages: 200 },
    f1: { __typename: 'Film', id: 'f1', title: 'Three' },
  }
  const called = <T>(name: string, answer: T): T => {
    calls.push(name)
    return answer
  }
  interface Entity {
    readonly id: string
    readonly pages?: number
  }

  let graph: BothWays
  beforeAll(async () => {
    graph = await bothWays({
      shelves: {
        typeDefs: `
          type Query { book(id: ID!): Book people: [Person] search: [Hit] }
          type Mutation { restock(id: ID!): Book }
          union Hit = Book | Film
          interface Media { id: ID! }
          type Person @key(fields: "id") { id: ID! favorite: Media }
          type Book implements Media @key(fields: "id") { id: ID! pages: Int }
          type Film implements Media @key(fields: "id") { id: ID! }`,
        resolvers: {
          Query: {
            book: (_: unknown, { id }: Entity) => books[id],
            people: () => [
              { id: 'p1', favorite: books['b1'] },
              { id: 'p2', favorite: books['f1'] },
            ],
            search: () => called('search', [books['b1'], books['f1']]),
          },
          Mutation: { restock: (_: unknown, { id }: Entity) => called(`restock ${id}`, books[id]) },
          Book: { __resolveReference: ({ id }: Entity) => books[id] },
        },
      },
      reviews: {
        typeDefs: `
          type Query { lost: Int }
          type Mutation { buyAll: Int }
          interface Media { id: ID! title: String }
          type Book implements Media @key(fields: "id") {
            id: ID! title: String pages: Int @external avg: Float @requires(fields: "pages") reviews: [Review]
          }
          type Film implements Media @key(fields: "id") { id: ID! title: String! }
          type Review { subject: Media }`,
        resolvers: {
          Mutation: { buyAll: () => called('buyAll', 7) },
          Book: {
            __resolveReference: (book: Entity) => ({ ...books[book.id], pages: book.pages }),
            avg: ({ pages }: Entity) => (pages === undefined ? null : pages / 8),
            reviews: () => [{ subject: { __typename: 'Book', id: 'b2' } }],
          },
          Film: { __resolveReference: ({ id }: Entity) => books[id] },
        },
      },
    })
  })
  afterAll(() => graph.close())
  beforeEach(() => calls.splice(0))

  describe.each(ways)('%s', (way) => {
    const query = async (text: string, variables?: Record<string, unknown>) =>
      seen(await graph[way].query(text, variables))

    it.each([
      [true, { restock: { id: 'b2' }, buyAll: 7 }, ['restock b2', 'buyAll']],
      [false, {}, []],
    ])(
      '3: fields of a mutation run in the order in which they stand, also out of a condition: %s',
      async (b, data, order) => {
        const text = 'mutation($b:Boolean!){...@include(if:$b){restock(id:"b2"){id} buyAll}}'
        expect(await query(text, { b })).toEqual({ data })
        expect(calls).toEqual(order)
      },
    )

    it.each([true, false])('4: a field of a mutation that is written twice runs once: %s', async (x) => {
      const text = 'mutation($x:Boolean!){buyAll __typename buyAll @skip(if:$x)}'
      expect(await query(text, { x })).toEqual({ data: { buyAll: 7, __typename: 'Mutation' } })
      expect(calls).toEqual(['buyAll'])
    })

    it('6: a field with @requires is reached through an interface of its own subgraph', async () => {
      expect(await query('{book(id:"b1"){reviews{subject{...on Book{avg}}}}}')).toEqual({
        data: { book: { reviews: [{ subject: { avg: 25 } }] } },
      })
    })

    it.each<[string, Record<string, unknown>, object]>([
      ['query($x:Boolean!){search{...on Hit@skip(if:$x){__typename}}}', { x: true }, { search: [{}, {}] }],
      ['{book(id:"b1"){...@include(if:false){title}}}', {}, { book: {} }],
      ['{book(id:"b1"){...on Book@skip(if:true){title reviews{subject{id}}}}}', {}, { book: {} }],
      ['{...@skip(if:true){search{__typename}} book(id:"b1"){title}}', {}, { book: { title: 'One' } }],
    ])(
      '6: what literals and variables leave of fragments is answered, if only with empty objects: %s',
      async (text, variables, data) => {
        expect(await query(text, variables)).toEqual({ data })
      },
    )

    it('7: a field of an interface whose types differ is asked under two names', async () => {
      expect(await query('{people{favorite{title}}}')).toEqual({
        data: { people: [{ favorite: { title: 'One' } }, { favorite: { title: 'Three' } }] },
      })
    })

    it.each([
      [true, [{}, {}]],
      [false, [{ __typename: 'Book' }, { __typename: 'Film' }]],
    ])('9: objects of which all is skipped are empty, not null: %s', async (x, search) => {
      expect(await query('query($x:Boolean!){search{__typename@skip(if:$x)}}', { x })).toEqual({
        data: { search },
      })
    })

    it('a field that no condition lets through is not asked for at all', async () => {
      const text = 'query($x:Boolean!){book(id:"b1"){id} search@include(if:$x){__typename}}'
      expect(await query(text, { x: false })).toEqual({ data: { book: { id: 'b1' } } })
      expect(calls).toEqual([])
    })
  })
})

it('0: a valid query over an object of a union that refers to itself does not end the process', async () => {
  const { query } = federate({
    a: {
      typeDefs: `type Query { person(id: ID!): Person } type Person @key(fields: "id") { id: ID! things: [Thing] }
        type Pet { name: String } union Thing = Person | Pet`,
      resolvers: {
        Query: { person: (_: unknown, { id }: { id: string }) => ({ id }) },
        Person: { things: () => [{ __typename: 'Person', id: '2' }, { __typename: 'Pet' }] },
      },
    },
    b: {
      typeDefs: 'type Person @key(fields: "id") { id: ID! credit: Int }',
      resolvers: { Person: { credit: ({ id }: { id: string }) => Number(id) } },
    },
  })
  expect(await query('{ person(id: "1") { id things { __typename } credit } }')).toEqual({
    data: { person: { id: '1', things: [{ __typename: 'Person' }, { __typename: 'Pet' }], credit: 1 } },
  })
})

describe('8: literals', () => {
  const sdl = `scalar Any
    type Query { echo(s: String, i: Int, f: Float, id: ID, any: Any): String }`
  const resolvers = {
    Any: new GraphQLScalarType({
      name: 'Any',
      parseLiteral: (node) => ('value' in node ? `${node.kind} ${node.value}` : node.kind),
      parseValue: (value) => `variable ${value}`,
    }),
    Query: {
      echo: (_: unknown, args: object) =>
        JSON.stringify(args, (__, value) => (value === Number.POSITIVE_INFINITY ? 'infinity' : value)),
    },
  }
  const whole = buildSchema(sdl)
  Object.assign(whole.getType('Any')!, {
    parseLiteral: resolvers.Any.parseLiteral,
    parseValue: resolvers.Any.parseValue,
  })
  whole.getQueryType()!.getFields()['echo'].resolve = resolvers.Query.echo

  let graph: BothWays
  beforeAll(async () => {
    graph = await bothWays({ a: { typeDefs: sdl, resolvers } })
  })
  afterAll(() => graph.close())

  describe.each(ways)('%s', (way) => {
    it.each([
      's: "a\\bc"',
      's: "\\ud83d\\ude00"',
      's: "\\u{1F600}"',
      's: """a\rb\r\nc\n  d"""',
      'f: 1e0',
      'f: 0e0',
      'f: 9223372036854775808',
      'f: 1e999',
      'f: -0.0',
      'id: 9223372036854775808',
      'any: 123456789012345678901234567890',
      'any: 1e0',
      'any: "a\\bc"',
      'any: {a: [1, "b"]}',
    ])('%s means what graphql-js makes of it, at the first call and at the second', async (argument) => {
      const source = `{ echo(${argument}) }`
      const expected = await graphql({ schema: whole, source })
      expect(expected.errors).toBeUndefined()
      for (let call = 0; call < 2; call++) {
        expect(await graph[way].query(source)).toEqual({ data: { ...expected.data } })
      }
    })
  })
})

describe('on the example graph', () => {
  let example: Example
  beforeAll(async () => {
    example = await startExample()
  })
  afterAll(() => example.close())
  const query = (text: string, variables?: Record<string, unknown>) => example.query(text, variables)

  it('1: a prediction field that is written twice keeps what each of its uses selects', async () => {
    const text =
      'query($s:Boolean!){member(id:"1"){recommendedTitles(first:2){score} ...@include(if:$s){recommendedTitles(first:2){title{year}}}}}'
    const { data: plain } = await query(text, { s: false })
    const { data, errors } = await query(text, { s: true })
    expect(errors).toBeUndefined()
    const { data: once } = await query('{member(id:"1"){recommendedTitles(first:2){score title{year}}}}')
    expect(data).toEqual(once)
    const scores = ({ member }: typeof plain) =>
      member.recommendedTitles.map(({ score }: { score: number }) => score)
    expect(scores(data)).toEqual(scores(plain))
    expect(data.member.recommendedTitles.map(({ title }: { title: unknown }) => title)).toEqual([
      { year: expect.any(Number) },
      { year: expect.any(Number) },
    ])
  })

  it('2: an alias that is called as a key is none', async () => {
    const { data: right } = await query('{title(id:"1"){id name year predictedRating(memberId:"1")}}')
    const { name, year, predictedRating } = right.title
    expect(await query('{title(id:"1"){id:name predictedRating(memberId:"1")}}')).toEqual({
      data: { title: { id: name, predictedRating } },
    })
    expect(await query('{title(id:"1"){id:year predictedRating(memberId:"1")}}')).toEqual({
      data: { title: { id: year, predictedRating } },
    })
  })

  it('5: what is skipped does not run, and so spoils nothing', async () => {
    const text =
      'query($x:Boolean!){member(id:"100"){history(first:1)@include(if:$x){title{year}} y:history(first:-1)@include(if:$x){stars}}}'
    expect(await query(text, { x: false })).toEqual({ data: { member: {} } })
    const { data, errors } = await query(text, { x: true })
    expect([data, errors?.map(({ path }) => path)]).toEqual([{ member: null }, [['member', 'y']]])
  })

  it('10: a condition whose variable is null is an error of the object in which it stands', async () => {
    const text = 'query($a:Boolean=true){title(id:1){name@include(if:$a) id}}'
    expect((await query(text)).data).toEqual({ title: { name: expect.any(String), id: '1' } })
    for (let call = 0; call < 2; call++) {
      expect(await query(text, { a: null })).toEqual({
        data: { title: null },
        errors: [
          expect.objectContaining({
            message: 'Argument "if" of non-null type "Boolean!" must not be null.',
            path: ['title'],
          }),
        ],
      })
    }
  })

  it('11: a healthy field has no error because another one made the answer null', async () => {
    const { data, errors } = await query('{models{name} tryModel(model:"nope",features:[])}')
    expect(data).toBeNull()
    expect(errors?.map(({ path }) => path)).toEqual([['tryModel']])
  })

  it.each([
    [true, '{"data":{"title":{"name":"Toy Story","id":"1"}}}'],
    [false, '{"data":{"title":{"id":"1","name":"Toy Story"}}}'],
  ])(
    '12: keys stand where the specification has them, at the first answer and at the second: %s',
    async (a, expected) => {
      const text = 'query($a:Boolean!){title(id:1){name@include(if:$a) id name}}'
      for (let call = 0; call < 2; call++) {
        const response = await post(example.url, JSON.stringify({ query: text, variables: { a } }))
        expect((await response.text()).trim()).toBe(expected)
      }
    },
  )

  describe('13', () => {
    it('a fragment that is spread twice does not repeat the place of an error', async () => {
      const texts = [
        '{ member(id:"100") { ...F ...F } }',
        '{ member(id:"100") { ...F ... { ...F } } }',
        '{ member(id:"100") { ...F } member(id:"100") { ...F } }',
      ]
      for (const text of texts) {
        const { errors } = await query(`${text}\nfragment F on Member { y: history(first: -1) { stars } }`)
        expect(errors).toEqual([
          expect.objectContaining({ path: ['member', 'y'], locations: [{ line: 2, column: 24 }] }),
        ])
      }
    })

    it('an alias __typename is an alias like any other', async () => {
      expect(
        await query('{ title(id: 1) { __typename: name id: __typename predictedRating(memberId: "1") } }'),
      ).toEqual({
        data: { title: { __typename: 'Toy Story', id: 'Title', predictedRating: expect.any(Number) } },
      })
    })

    it('a mark of the byte order before the JSON is no mistake', async () => {
      const response = await post(example.url, '\ufeff{"query":"{ title(id: 1) { id } }"}')
      expect([response.status, await response.json()]).toEqual([200, { data: { title: { id: '1' } } }])
    })

    it.each([
      ['application/graphql-response+json, application/json', 'application/graphql-response+json', 400],
      ['application/graphql-response+json', 'application/graphql-response+json', 400],
      ['application/json, application/graphql-response+json', 'application/json', 200],
      ['application/graphql-response+json;q=0.5, application/json', 'application/json', 200],
      ['*/*', 'application/json', 200],
    ])('accept: %s: an invalid query is answered as %s with %i', async (accept, type, status) => {
      const response = await post(example.url, '{"query":"{ nothing }"}', { accept })
      const [contentType] = response.headers.get('content-type')!.split(';')
      expect([contentType, response.status]).toEqual([type, status])
    })
  })
})

function post(url: string, body: string, headers?: Record<string, string>): Promise<Response> {
  return fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body,
  })
}
