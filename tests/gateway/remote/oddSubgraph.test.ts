import { columnsType } from '../../../gateway/graphql/columnList'
import { createHttpExecutor } from '../../../gateway/remote/httpExecutor'
import { startGraphqlServer } from '../../support/graphqlServer'
import { type Answer, federate } from '../federate'

const cleanUp: (() => unknown)[] = []

afterEach(async () => {
  for (const stop of cleanUp.splice(0).reverse()) await stop()
})

/**
 * Asks a gateway for titles. Their names come from a subgraph elsewhere, and other titles from one beside it. `entities`
 * and `list` are what those two answer, as they write it.
 */
async function ask(
  text: string,
  answers: { readonly entities?: string; readonly list?: string },
): Promise<Answer> {
  const server = await startGraphqlServer(({ query }, response) => {
    const answer = query.includes('_entities') ? answers.entities : answers.list
    const type = answer?.startsWith('{"key"') ? columnsType : 'application/json'
    response.writeHead(200, { 'content-type': type }).end(answer)
  })
  cleanUp.push(() => server.close())
  const remote = createHttpExecutor({ name: 'b', url: server.url, timeoutMs: 60_000 })
  cleanUp.push(() => remote.dispose?.())
  const { query } = federate({
    a: {
      typeDefs: 'type Query { titles: [Title] more: [Title] } type Title @key(fields: "id") { id: ID! }',
      resolvers: { Query: { titles: () => [{ id: '1' }, { id: '2' }], more: () => [{ id: '1' }] } },
    },
    b: {
      typeDefs: 'type Title @key(fields: "id") { id: ID! name: String must: String! any: Any } scalar Any',
      executor: () => remote,
    },
    c: {
      typeDefs: `
        type Query { others: [Title] other: Title any: Any deep: [Deep] odd: Odd } scalar Any type Deep { id: ID! must: Any! }
        type Title @key(fields: "id") { id: ID! }
        type Odd {
          list: [Odd] one: Odd int: Int float: Float text: String flag: Boolean id: ID kind: Kind any: Any must: Int!
          texts: [String] numbers: [Float!] media: Media medias: [Media!]
        }
        enum Kind { A B @inaccessible } interface Media { id: ID! } type Film implements Media { id: ID! }`,
      executor: () => remote,
    },
  })
  return query(text)
}

const polluted = () => (({}) as Readonly<Record<string, unknown>>)['polluted']

test('an entity with a member __proto__ changes no other object', async () => {
  const entity = (name: string) => `{"__typename":"Title","name":"${name}","__proto__":{"polluted":1}}`
  const entities = `{"data":{"_entities":[${entity('A')},${entity('B')}]}}`
  const list = '{"data":{"others":[{"__typename":"Title","id":"1"},{"__typename":"Title","id":"2"}]}}'
  try {
    const { data } = await ask('{ others { id name } }', { entities, list })
    expect(polluted()).toBeUndefined()
    const named = [
      { id: '1', name: 'A' },
      { id: '2', name: 'B' },
    ]
    expect(data).toEqual({ others: named })
  } finally {
    Reflect.deleteProperty(Object.prototype, 'polluted')
  }
})

test('a list by columns of hundreds of millions of rows in a few bytes is an error of its field', async () => {
  const list = '{"key":"others","type":"Title","rows":400000000,"constants":{"id":"1"},"columns":[]}'
  const { data, errors } = await ask('{ others { id } titles { id } }', { list })
  expect(data).toEqual({ others: null, titles: [{ id: '1' }, { id: '2' }] })
  expect(errors).toMatchObject([{ path: ['others'], extensions: { code: 'UPSTREAM_FAILED' } }])
})

test.each([
  ['more entities than were asked for', `{"_entities":[{"name":"A"},{"name":"B"},{"name":"C"}]}`],
  ['fewer', `{"_entities":[{"name":"A"}]}`],
  ['none', '{"_entities":null}'],
  ['nothing', '{}'],
  ['an object', '{"_entities":{"0":{"name":"A"}}}'],
  ['texts', '{"_entities":["A","B"]}'],
  ['lists', '{"_entities":[[{"name":"A"}],[]]}'],
])('%s: no title has a name, and each says why', async (_, answer) => {
  const { data, errors } = await ask('{ titles { id name } }', { entities: `{"data":${answer}}` })
  expect(data?.['titles']).toEqual([
    { id: '1', name: null },
    { id: '2', name: null },
  ])
  expect(errors).toMatchObject(
    [0, 1].map((row) => ({ path: ['titles', row, 'name'], extensions: { code: 'UPSTREAM_FAILED' } })),
  )
})

test('one entity that is no object fails alone', async () => {
  const { data, errors } = await ask('{ titles { name } }', {
    entities: '{"data":{"_entities":["A",{"name":"B"}]}}',
  })
  expect(data).toEqual({ titles: [{ name: null }, { name: 'B' }] })
  expect(errors).toMatchObject([{ path: ['titles', 0, 'name'], extensions: { code: 'UPSTREAM_FAILED' } }])
})

test('entities of another type are titles nevertheless', async () => {
  const { data } = await ask('{ titles { id name } }', {
    entities: '{"data":{"_entities":[{"__typename":"Query","name":"A"},{"__typename":7,"name":"B"}]}}',
  })
  expect(data?.['titles']).toMatchObject([{ id: '1' }, { id: '2' }])
})

test.each([
  ['of the list', ['_entities'], [0, 1]],
  ['of an entity', ['_entities', 1], [1]],
])("an error %s explains that there is none, with the subgraph's own message", async (_, path, rows) => {
  const answer = { data: { _entities: path.length === 1 ? null : [{ name: 'A' }, null] } }
  const error = { message: 'no names today', path }
  const { errors } = await ask('{ titles { id name } }', {
    entities: JSON.stringify({ ...answer, errors: [error] }),
  })
  expect(errors?.map(({ message, path: at }) => [message, at])).toEqual(
    rows.map((row) => ['no names today', ['titles', row, 'name']]),
  )
})

test('of several errors of the whole list, the first one stands at each title, and the others are told once', async () => {
  const errors = [1, 2, 3].map((id) => ({ message: `no title ${id}`, path: ['_entities'] }))
  const entities = JSON.stringify({ data: { _entities: [null, null] }, errors })
  const answer = await ask('{ titles { name } }', { entities })
  expect(answer.errors?.map(({ message, path }) => [message, path])).toEqual([
    ['no title 1', ['titles', 0, 'name']],
    ['no title 1', ['titles', 1, 'name']],
    ['no title 2', undefined],
    ['no title 3', undefined],
  ])
})

test('an error of an entity that was not asked for is told without a path', async () => {
  const errors = [{ message: 'no title 2', path: ['_entities', 2] }]
  const entities = JSON.stringify({ data: { _entities: [{ name: 'A' }, null] }, errors })
  const answer = await ask('{ titles { name } }', { entities })
  expect(answer.data).toEqual({ titles: [{ name: 'A' }, { name: null }] })
  expect(answer.errors?.map(({ message, path }) => [message, path])).toEqual([['no title 2', undefined]])
})

test('of an error with megabytes, which is told at each entity, the code and the beginning of its message are kept', async () => {
  const long = 'x'.repeat(1_000_000)
  const error = (extensions: object) => ({ message: long, path: ['_entities'], extensions })
  const entities = (extensions: object) =>
    JSON.stringify({ data: { _entities: null }, errors: [error(extensions)] })
  const { errors } = await ask('{ titles { name } }', { entities: entities({ code: 'BROKEN', trace: long }) })
  expect(errors?.map(({ extensions }) => extensions)).toEqual([{ code: 'BROKEN' }, { code: 'BROKEN' }])
  expect(errors?.map(({ message }) => message.length)).toEqual([10_003, 10_003])
  const short = await ask('{ titles { name } }', { entities: entities({ code: 'BROKEN', trace: 'x' }) })
  expect(short.errors?.[0].extensions).toEqual({ code: 'BROKEN', trace: 'x' })
  const nested = `{"code":"BROKEN","trace":${'['.repeat(100_000)}${']'.repeat(100_000)}}`
  const deep = await ask('{ titles { name } }', {
    entities: entities({ here: 1 }).replace('{"here":1}', nested),
  })
  expect(deep.errors?.[0].extensions).toEqual({ code: 'BROKEN' })
})

test('an error without a path explains that there are no entities, and so that none has what it must have', async () => {
  const entities = '{"data":{"_entities":null},"errors":[{"message":"no names today"}]}'
  const { data, errors } = await ask('{ titles { must } }', { entities })
  expect(data).toEqual({ titles: [null, null] })
  expect(errors?.map(({ message, path }) => [message, path])).toEqual([['no names today', undefined]])
})

test.each([
  ['nothing', '{}'],
  ['a text', '{"others":"x"}'],
  ['a number', '{"others":0}'],
  ['an object', '{"others":{"id":"1"}}'],
])('%s instead of a list is an error of the field', async (_, list) => {
  const { data, errors } = await ask('{ others { id } titles { id } }', { list: `{"data":${list}}` })
  expect(data).toEqual({ others: null, titles: [{ id: '1' }, { id: '2' }] })
  expect(errors).toMatchObject([{ path: ['others'], extensions: { code: 'UPSTREAM_FAILED' } }])
})

test.each(['[]', '[{"id":"1"}]', '7'])('%s instead of an object is an error of the field', async (list) => {
  const { data, errors } = await ask('{ other { id } }', { list: `{"data":{"other":${list}}}` })
  expect(data).toEqual({ other: null })
  expect(errors).toMatchObject([{ path: ['other'], extensions: { code: 'UPSTREAM_FAILED' } }])
})

test.each([
  ['list { int }', { list: { int: 1 } }, ['list: a list, got an object']],
  [
    'list { int }',
    { list: [7, { int: 1 }, [], null] },
    ['list.0: an object, got a number', 'list.2: an object, got a list of 0'],
  ],
  ['one { int }', { one: [{ int: 1 }] }, ['one: an object, got a list of 1']],
  ['int', { int: '7' }, ['int: of type Int, got a string']],
  ['float', { float: true }, ['float: of type Float, got a boolean']],
  ['text', { text: 7 }, ['text: of type String, got a number']],
  ['flag', { flag: 0 }, ['flag: of type Boolean, got a number']],
  ['id', { id: {} }, ['id: of type ID, got an object']],
  ['kind', { kind: 1 }, ['kind: of type Kind, got a number']],
  ['texts', { texts: 'a' }, ['texts: a list, got a string']],
  [
    'texts',
    { texts: ['a', 7, null, [], 'b'] },
    ['texts.1: of type String, got a number', 'texts.3: of type String, got a list of 0'],
  ],
  ['numbers', { numbers: [1, '2'] }, ['numbers.1: of type Float, got a string']],
  ['one { must }', { one: { must: 'x' } }, ['one.must: of type Int, got a string']],
  ['media { id }', { media: 'x' }, ['media: an object, got a string']],
  ['medias { id }', { medias: [[]] }, ['medias.0: an object, got a list of 0']],
])('of { %s }, %j has errors where it is of another shape', async (fields, odd, problems) => {
  const { errors } = await ask(`{ odd { ${fields} } }`, { list: JSON.stringify({ data: { odd } }) })
  const told = errors?.map(({ path, message, extensions }) => [
    path?.slice(1).join('.'),
    message,
    extensions['code'],
  ])
  expect(told).toEqual(
    problems.map((problem) => {
      const [place, rest] = problem.split(': ')
      return [place, `a value that a subgraph answered must be ${rest}`, 'UPSTREAM_FAILED']
    }),
  )
})

test('values of another shape are null, and the others are there', async () => {
  const odd = {
    int: 'x',
    text: 'a',
    texts: [1, 'b', null],
    numbers: [{}],
    list: [[], { flag: true }],
    one: { must: [] },
  }
  const { data } = await ask('{ odd { int text texts numbers list { flag } one { must } } }', {
    list: JSON.stringify({ data: { odd } }),
  })
  const known = {
    int: null,
    text: 'a',
    texts: [null, 'b', null],
    numbers: null,
    list: [null, { flag: true }],
    one: null,
  }
  expect(data).toEqual({ odd: known })
})

test.each([
  ['id', { id: 7 }],
  ['kind', { kind: null }],
  ['any', { any: [{ a: '1' }, 2] }],
  ['texts', { texts: [] }],
  ['numbers', { numbers: [1, 2.5] }],
  ['float', { float: 3 }],
])('%s may be %j', async (field, odd) => {
  const { data, errors } = await ask(`{ odd { ${field} } }`, { list: JSON.stringify({ data: { odd } }) })
  expect(errors).toBeUndefined()
  expect(data).toEqual({ odd })
})

test('a value of an enum that clients cannot see is null', async () => {
  const { data, errors } = await ask('{ odd { kind } }', { list: '{"data":{"odd":{"kind":"B"}}}' })
  expect(errors).toBeUndefined()
  expect(data).toEqual({ odd: { kind: null } })
})

test('a field that is not there because of an error has just that error', async () => {
  const list = '{"data":{},"errors":[{"message":"no titles today","path":["others"]}]}'
  const { data, errors } = await ask('{ others { id } }', { list })
  expect(data).toEqual({ others: null })
  expect(errors?.map(({ message }) => message)).toEqual(['no titles today'])
})

test("an error whose path has indexes as strings is that entity's alone", async () => {
  const { errors } = await ask('{ titles { name } }', {
    entities: JSON.stringify({
      data: { _entities: [{ name: 'A' }, { name: null }] },
      errors: [{ message: 'no name of 2', path: ['_entities', '1', 'name'] }],
    }),
  })
  expect(errors?.map(({ path }) => path)).toEqual([['titles', 1, 'name']])
})

test('an error of a list whose path has indexes as strings is at its item', async () => {
  const list = JSON.stringify({
    data: { others: [{ id: '1' }, null] },
    errors: [{ message: 'no title 2', path: ['others', '1', 'id'] }],
  })
  const { errors } = await ask('{ others { id } }', { list })
  expect(errors?.map(({ path }) => path)).toEqual([['others', 1, 'id']])
})

describe.each([10_000, 200_000])('a value that nests %i levels deep', (levels) => {
  // Newer versions of V8 write lists of any depth, but not objects whose keys are numbers.
  const deep = `${'{"0":'.repeat(levels)}1${'}'.repeat(levels)}`

  test('fails its own field', async () => {
    const { data, errors } = await ask('{ any titles { id } }', { list: `{"data":{"any":${deep}}}` })
    expect(data).toEqual({ any: null, titles: [{ id: '1' }, { id: '2' }] })
    expect(errors).toMatchObject([{ path: ['any'], extensions: { code: 'UPSTREAM_FAILED' } }])
  })

  test('makes its object null where the field may not be null', async () => {
    const list = `{"data":{"deep":[{"id":"1","must":${deep}},{"id":"2","must":[1]}]}}`
    const { data, errors } = await ask('{ deep { id must } }', { list })
    expect(data).toEqual({ deep: [null, { id: '2', must: [1] }] })
    expect(errors).toMatchObject([{ path: ['deep', 0, 'must'], extensions: { code: 'UPSTREAM_FAILED' } }])
  })

  test('is not taken for a deep operation where it has to be copied', async () => {
    const { data, errors } = await ask('{ titles { any } more { any } }', {
      entities: `{"data":{"_e0":[{"any":${deep}},{"any":1}]}}`,
    })
    expect(data).toBeUndefined()
    expect(errors).toMatchObject([{ extensions: { code: 'UPSTREAM_FAILED' } }])
  })
})
