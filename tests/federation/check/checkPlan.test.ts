import { readFileSync } from 'node:fs'
import { changed, checkedGraph, checkedSupergraph, sentField } from '../checkGraph'

const shop = checkedGraph({
  catalog: `
    type Query { book(id: ID!): Book books: [Book!] things: [Thing] node: Node }
    type Mutation { rename(id: ID!, name: String): Book remove(id: ID!): Book }
    union Thing = Book | Author
    interface Node { id: ID! }
    type Book implements Node @key(fields: "id") {
      id: ID! name(in: String): String pages: Int author: Author parts: [Part!] similar: [Book!]
    }
    type Part @shareable { name: String size: Int }
    type Author implements Node @key(fields: "id org { code }") { id: ID! org: Org! name: String born: Int }
    type Org @shareable { code: String! }`,
  reviews: `
    type Query { latest: Review }
    type Book @key(fields: "id") {
      id: ID! pages: Int @external parts: [Part!] @external name(in: String): String @external
      reviews(first: Int): [Review!]
      density: Float @requires(fields: "pages parts { size }")
      label: String @requires(fields: "name(in: \\"en\\")")
    }
    type Part @shareable { name: String size: Int }
    type Author @key(fields: "id org { code }") { id: ID! org: Org! rating: Float }
    type Org @shareable { code: String! }
    type Review { stars: Int book: Book other: Book @provides(fields: "pages") by: Author }`,
})

describe('plans that answer the operation', () => {
  test.each([
    '{ book(id: 1) { id name author { name } } }',
    '{ book(id: 1) { reviews(first: 2) { stars book { pages } } a: reviews(first: 3) { stars } } }',
    '{ book(id: 1) { density } books { density parts { name } similar { density } } }',
    '{ books { label name other: name(in: "no") } }',
    '{ latest { other { pages name } by { name rating } } }',
    '{ things { __typename ... on Book { density } ... on Author { rating born org { code } } } }',
    '{ node { id ... on Author { rating } } a: node { ... on Book { reviews { stars } } } }',
    '{ books { reviews { stars } author { rating } similar { reviews { book { author { rating } } } author { rating } } } }',
    'mutation { rename(id: 1, name: "x") { name density author { rating } } }',
    '{ __typename book(id: 1) { __typename } }',
  ])('%s', (text) => {
    expect(shop.problems(text)).toEqual([])
  })

  test('entities of several paths in one request', () => {
    const text = '{ book(id: 1) { density similar { author { rating } } } books { author { rating } label } }'
    expect(JSON.stringify(shop.plan(text))).toContain('_e1')
    expect(shop.problems(text)).toEqual([])
  })

  test('an interface object, of which only others know the type', () => {
    const graph = checkedGraph(media)
    for (const text of [
      '{ media { __typename id stars ... on Film { minutes } } }',
      '{ best { id stars } }',
      '{ best { __typename stars } }',
      '{ best { ... on Film { minutes award } ... on Book { stars } } }',
      '{ media { similar { stars ... on Film { award } } } }',
    ]) {
      expect(graph.problems(text)).toEqual([])
    }
  })

  test('operations of the example graph', () => {
    const graph = checkedSupergraph(readFileSync('schema/supergraph.graphql', 'utf8'))
    for (const text of [
      '{ title(id: 1) { id name year predictedRating(memberId: 1) } }',
      '{ titles(first: 3) { genres a: predictedRating(memberId: 1) b: predictedRating(memberId: 2) } }',
      '{ member(id: 1) { recommendedTitles(first: 2) { score title { name predictedRating(memberId: 1) } } history(first: 1) { title { year } } } }',
      '{ searchTitles(text: "x") { score title { name } } payments { id risk { probability decision } } }',
      '{ messages { id abuse { probability } } models { name } tryModel(model: "x", features: [{}]) }',
      'mutation { publishRules(rules: "x") { done number } }',
    ]) {
      expect(graph.problems(text)).toEqual([])
    }
  })
})

const media = {
  films: `
    type Query { media: [Media] }
    interface Media @key(fields: "id") { id: ID! title: String }
    type Film implements Media @key(fields: "id") { id: ID! title: String minutes: Int }
    type Book implements Media @key(fields: "id") { id: ID! title: String pages: Int }`,
  stars: `
    type Query { best: Media }
    type Media @key(fields: "id") @interfaceObject {
      id: ID! title: String @external stars: Int similar: Media slogan: String @requires(fields: "title")
    }`,
  awards: 'type Film @key(fields: "id") { id: ID! award: String }',
}

describe('what is fetched must be what the operation asks for', () => {
  test('a field that no fetch asks for', () => {
    const text = '{ book(id: 1) { name pages } }'
    expect(shop.problems(text, changed(shop.plan(text), [' pages', ' id']))).toEqual([
      { message: 'Book.pages is not fetched', field: 'Book.pages', path: ['book', 'pages'] },
    ])
  })

  test('a fetch that is left out', () => {
    const text = '{ books { reviews { stars } author { rating } } }'
    const plan = shop.plan(text)
    if (plan.kind !== 'Sequence') throw new Error('one after the other')
    const problems = shop.check(text, { ...plan, nodes: plan.nodes.slice(0, 1) })
    expect(problems).toEqual(['Author.rating is not fetched', 'Book.reviews is not fetched'])
    expect(shop.check(text, { kind: 'Sequence', nodes: [] })).toEqual(['Query.books is not fetched'])
  })

  test('a field of one type, where it is wanted of two', () => {
    const text = '{ node { ... on Book { id } ... on Author { id } } }'
    const plan = root('catalog', '{node{__typename ...on Book{id}}}')
    expect(shop.problems(text, plan)).toEqual([
      { message: 'Author.id is not fetched', field: 'Author.id', path: ['node', 'id'] },
    ])
  })

  test('another field under its key, or another variable in its arguments', () => {
    const text = 'query ($a: String, $b: String) { book(id: 1) { name(in: $a) name2: name(in: $b) pages } }'
    const plan = shop.plan(text)
    expect(shop.check(text, changed(plan, [' pages', ' pages: id']))).toEqual([
      'Book.id is fetched instead of Book.pages',
    ])
    expect(
      shop.check(
        text,
        changed(plan, ['name(in:$v1)', 'name(in:$v9)'], ['name(in:$v2)', 'name(in:$v1)'], ['$v9', '$v2']),
      ),
    ).toContain('Book.name is fetched with other arguments: (in: $v2)')
  })

  test('the type, where it is to be known', () => {
    const text = '{ node { __typename id } }'
    const plan = changed(shop.plan(text), ['__typename ', ''])
    expect(shop.check(text, plan)).toEqual([
      'The type of a Book is not fetched',
      'The type of a Author is not fetched',
    ])
    const graph = checkedGraph(media)
    const best = root('stars', '{best{__typename id}}')
    expect(graph.check('{ best { __typename id } }', best)).toContain('The type of a Film is not fetched')
  })

  test('two meanings of one key', () => {
    const text = '{ book(id: 1) { reviews { stars } } books { reviews { stars } } }'
    const plan = changed(shop.plan('{ book(id: 1) { reviews { stars } } }'), [
      '{reviews{stars}}',
      '{id: reviews{stars}}',
    ])
    expect(shop.check(text, plan)[0]).toBe('The key id means id and reviews')
  })
})

describe('what is sent must be the key and what is required', () => {
  const text = '{ book(id: 1) { density } }'
  const plan = shop.plan(text)

  test('without the key', () => {
    expect(shop.check(text, changed(plan, [`,${sentField('id')}`, '']))).toEqual([
      'The representation of a Book for subgraph reviews has no complete key of Book: id is not sent',
    ])
    const compound = '{ things { ... on Author { rating } } }'
    expect(
      shop.check(compound, changed(shop.plan(compound), [sentField('code'), sentField('__typename')])),
    ).toEqual([
      'The representation of a Author for subgraph reviews has no complete key of Author: org.code is not sent',
    ])
  })

  test('a key that was not fetched before', () => {
    expect(shop.check(text, changed(plan, ['parts{size} id', 'parts{size}']))).toEqual([
      'The representation of a Book for subgraph reviews has no complete key of Book: id was not fetched before',
    ])
    const parallel = changed(plan, ['"Sequence"', '"Parallel"'])
    expect(shop.check(text, parallel)[0]).toBe('The path of a fetch leads to nothing that was fetched before')
  })

  test('another field over the key, under its name or sent as it (finding 2)', () => {
    expect(shop.check(text, changed(plan, ['parts{size} id', 'parts{size} id: name']))).toContain(
      'The value sent as Book.id is that of Book.name',
    )
    const sent = changed(
      plan,
      ['parts{size} id', 'parts{size} id name'],
      [sentField('id'), sentField('name', 'id')],
    )
    expect(shop.check(text, sent)).toContain('The value sent as Book.id is that of Book.name')
    expect(
      shop.check(text, changed(plan, [sentField('id'), `${sentField('id')},${sentField('pages', 'id')}`])),
    ).toContain('Both id and pages are sent as id')
  })

  test('another field that comes at the same time under a key that is sent', () => {
    const author = { Field: 'author' }
    const parallel = {
      kind: 'Sequence',
      nodes: [
        root('catalog', '{books{author{__typename id org{code}}}}'),
        {
          kind: 'Parallel',
          nodes: [
            changed(entities('reviews', [{ Field: 'books' }, author], 'Author{rating}', 'Author'), [
              sentField('id'),
              `${sentField('id')},${sentField('name')}`,
            ]),
            entities('catalog', [{ Field: 'books' }, author], 'Author{name: born}', 'Author'),
          ],
        },
      ],
    }
    expect(shop.check('{ books { author { rating } } }', parallel)).toEqual([
      'The key name means born, and may be sent to another subgraph as name',
    ])
  })

  test('a requirement that is not sent, at its top or below', () => {
    expect(shop.check(text, changed(plan, [`${sentField('pages')},`, '']))).toEqual([
      'Subgraph reviews is asked for Book.density without what it requires: pages is not sent',
    ])
    expect(shop.check(text, changed(plan, [sentField('size'), sentField('__typename')]))).toEqual([
      'Subgraph reviews is asked for Book.density without what it requires: parts.size is not sent',
    ])
  })

  test('a requirement with other arguments than it states', () => {
    const labelled = '{ books { label name } }'
    const other = changed(shop.plan(labelled), ['\\"en\\"', '\\"no\\"'])
    expect(shop.check(labelled, other)[0]).toMatch(/name\(in: "en"\) is not the value that is sent/)
  })

  test('a requirement inside an answer, where nothing is sent (finding 6)', () => {
    const nested = '{ latest { book { id density } } }'
    const single = root('reviews', '{latest{book{id density}}}')
    expect(shop.problems(nested, single)).toEqual([
      {
        message:
          'Subgraph reviews is asked for Book.density inside an answer, where it does not have what the field requires',
        field: 'Book.density',
        path: ['latest', 'book', 'density'],
      },
    ])
    expect(shop.problems(nested)).toEqual([])
  })

  test('an entity that the subgraph cannot find', () => {
    const rated = '{ things { ... on Author { rating } } }'
    const wrong = changed(
      shop.plan(rated),
      ['"serviceName":"reviews"', '"serviceName":"catalog"'],
      ['{rating}', '{born}'],
    )
    expect(shop.check(rated, wrong)).toEqual(['Author.rating is not fetched'])
    const graph = checkedGraph(media)
    const best = '{ best { ... on Film { award } } }'
    const unknown = {
      kind: 'Sequence',
      nodes: [
        root('stars', '{best{__typename id}}'),
        entities('awards', [{ Field: 'best' }], 'Film{award}', 'Media'),
      ],
    }
    expect(graph.check(best, unknown)).toContain('Subgraph awards is sent a Media, which it does not know')
  })
})

describe('a subgraph must not be asked for what it does not have', () => {
  test('an external field, unless it is provided there', () => {
    const fetch = (place: string) => root('reviews', `{latest{${place}{pages}}}`)
    expect(shop.problems('{ latest { other { pages } } }', fetch('other'))).toEqual([])
    expect(shop.problems('{ latest { book { pages } } }', fetch('book'))).toEqual([
      {
        message: 'Subgraph reviews is asked for Book.pages, which is external and not provided there',
        field: 'Book.pages',
        path: ['latest', 'book', 'pages'],
      },
    ])
  })

  test('an external field of an interface object, of which composition tells only that it is required', () => {
    const graph = checkedGraph(media)
    const plan = root('stars', '{best{title}}')
    expect(graph.check('{ best { title } }', plan)).toEqual([
      'Subgraph stars is asked for Media.title, which is external and not provided there',
    ])
  })

  test('a field that another subgraph overrides, wholly or in part', () => {
    const graph = checkedGraph({
      a: 'type Query { item: Item } type Item @key(fields: "id") { id: ID! moved: Int moving: Int }',
      b: `type Item @key(fields: "id") {
        id: ID! moved: Int @override(from: "a") moving: Int @override(from: "a", label: "percent(50)")
      }`,
    })
    const text = '{ item { moved moving } }'
    expect(graph.problems(text)).toEqual([])
    const plan = graph.plan(text)
    expect(graph.check(text, changed(plan, ['{moved}', '{moved moving}']))).toEqual([
      'Subgraph b is asked for Item.moving, which another subgraph overrides',
    ])
  })

  test('what is not in its schema', () => {
    const plan = root('reviews', '{book(id: 1){id}}')
    expect(shop.check('{ book(id: 1) { id } }', plan)[0]).toMatch(
      /^The operation for subgraph reviews is not valid there: Query has no field book/,
    )
    const nowhere = root('sales', '{book(id: 1){id}}')
    expect(shop.check('{ book(id: 1) { id } }', nowhere)).toEqual(['There is no subgraph sales'])
  })

  test('a variable that is none, is another, or is not handed on', () => {
    const text = 'query ($id: ID!) { book(id: $id) { name } }'
    const plan = shop.plan(text)
    expect(shop.check(text, changed(plan, ['($v0:ID!)', '($x:ID!)'], ['id:$v0', 'id:$x']))).toContain(
      'Variable $x of a fetch is not a variable of the operation',
    )
    const named = 'query ($in: String) { book(id: 1) { name(in: $in) } }'
    const stricter = changed(shop.plan(named), ['$v1:String', '$v1:String!'])
    expect(shop.check(named, stricter)).toEqual([
      'Variable $v1 is a String in the operation and a String! in a fetch',
    ])
    expect(shop.check(text, changed(plan, ['"variableUsages":["v0"]', '"variableUsages":[]']))).toEqual([
      'Variable $v0 is used by a fetch, but the plan does not pass it',
    ])
  })
})

describe('mutations', () => {
  const text = 'mutation { rename(id: 1, name: "x") { density } }'
  const plan = shop.plan(text)

  test('are fetched as such, once and first', () => {
    const root = /\{"kind":"Fetch".*?rename.*?\}(?=,)/.exec(JSON.stringify(plan))?.[0] ?? ''
    expect(shop.check(text, changed(plan, [root, `${root},${root}`]))).toEqual([
      'A mutation is not fetched exactly once and first',
    ])
    expect(shop.check(text, { kind: 'Parallel', nodes: [plan, plan] })).toContain(
      'A mutation is not fetched exactly once and first',
    )
    expect(shop.check(text, changed(plan, ['mutation(', 'query('], ['"mutation"', '"query"']))).toContain(
      'The plan of a mutation has a root fetch that is a query',
    )
    expect(
      shop.check(text, changed(plan, ['"operationKind":"mutation"', '"operationKind":"query"'])),
    ).toContain('A fetch is marked as a query but is a mutation')
  })

  test('change nothing that was not asked for', () => {
    const twice = changed(plan, ['{rename(', '{twice: rename(id: $v0, name: $v1){id} rename('])
    expect(shop.check(text, twice)).toEqual(['A mutation fetch does not ask for exactly one root field'])
    const query = '{ book(id: 1) { id } }'
    const mutation = changed(
      shop.plan(query),
      ['query(', 'mutation('],
      ['book(id', 'book: rename(id'],
      ['"query"', '"mutation"'],
    )
    expect(shop.check(query, mutation)).toContain('The plan of a query has a root fetch that is a mutation')
  })
})

describe('paths', () => {
  const text = '{ book(id: 1) { reviews { stars } } books { id } }'

  test('that lead nowhere, or to other objects', () => {
    const plan = shop.plan(text)
    expect(
      shop.problems(
        text,
        changed(plan, ['"paths":[[{"Field":"book"}]]', '"paths":[[{"Field":"boook"}]]']),
      )[0],
    ).toEqual({
      message: 'The path of a fetch leads to nothing that was fetched before',
      path: ['boook'],
    })
    expect(
      shop.check(text, changed(plan, ['"paths":[[{"Field":"book"}]]', '"paths":[[{"Field":"books"}]]'])),
    ).toContain('Book.reviews is not fetched')
  })

  test('that go on for one type, where types cannot be told apart', () => {
    const things = '{ things { ... on Author { rating } } }'
    const plan = {
      kind: 'Sequence',
      nodes: [
        root('catalog', '{things{...on Author{id org{code}} ...on Book{id}}}'),
        entities('reviews', [{ Field: 'things' }, { TypeCondition: ['Author'] }], 'Author{rating}', 'Author'),
      ],
    }
    expect(shop.check(things, plan)[0]).toMatch(
      /^A path continues only for Author, but cannot tell these from Book/,
    )
  })
})

describe('anything else is refused', () => {
  const text = '{ book(id: 1) { density } }'
  const plan = shop.plan(text)

  test.each([
    ['a document that is none', root('catalog', '{'), /is not valid GraphQL/],
    [
      'a condition in a document',
      root('catalog', '{book(id: 1) @skip(if: true) {id}}'),
      /not valid there: a directive may change it/,
    ],
    [
      'a named fragment in a document',
      root('catalog', '{book(id: 1){...F}} fragment F on Book {id}'),
      /has 2 definitions, which must be one operation/,
    ],
    ['two operations', root('catalog', 'query A{books{id}} query B{books{id}}'), /has 2 definitions/],
    ['a subscription', root('catalog', 'subscription{books{id}}'), /there is no subscription/],
    [
      'introspection in place of data',
      root('catalog', '{__schema{types{name}}}'),
      /not valid there: Query has no field __schema/,
    ],
  ])('%s', (_, node, message) => {
    expect(shop.check(text, node)[0]).toMatch(message)
  })

  test('never throws, whatever part of a plan is missing or another', () => {
    const junk = [null, undefined, 0, '', 'x', [], {}, { kind: 'Fetch' }, ['x'], { Field: 1 }]
    let tried = 0
    const visit = (node: unknown, replace: (value: unknown) => unknown) => {
      for (const value of junk) {
        tried++
        expect(Array.isArray(shop.problems(text, replace(value)))).toBe(true)
      }
      if (typeof node !== 'object' || node === null) return
      for (const [key, child] of Object.entries(node)) {
        visit(child, (value) => {
          const copy = Array.isArray(node) ? [...node] : { ...node }
          Object.assign(copy, { [key]: value })
          return replace(copy)
        })
      }
    }
    visit(plan, (value) => value)
    expect(tried).toBeGreaterThan(200)
  })

  test('a plan that nests without end in sight', () => {
    let deep: unknown = plan
    for (let i = 0; i < 200_000; i++) deep = { kind: 'Sequence', nodes: [deep] }
    expect(shop.check(text, deep)).toHaveLength(1)
    const wide = { kind: 'Sequence', nodes: Array(200_000).fill({ kind: 'Sequence', nodes: [] }) }
    expect(shop.check(text, wide)).toEqual(['The plan takes more than 100000 steps to check'])
  })
})

function root(subgraph: string, operation: string) {
  return { kind: 'Fetch', serviceName: subgraph, operationKind: 'query', operation, variableUsages: [] }
}

function entities(subgraph: string, path: readonly unknown[], selection: string, type: string) {
  return {
    kind: 'Entities',
    serviceName: subgraph,
    operation: `query($representations:[_Any!]!){_entities(representations: $representations){...on ${selection}}}`,
    variableUsages: [],
    lists: [
      {
        key: '_entities',
        variable: 'representations',
        paths: [path],
        requires: [
          {
            kind: 'InlineFragment',
            typeCondition: type,
            selections: [
              { kind: 'Field', name: '__typename' },
              { kind: 'Field', name: 'id' },
              ...(type === 'Author'
                ? [{ kind: 'Field', name: 'org', selections: [{ kind: 'Field', name: 'code' }] }]
                : []),
            ],
          },
        ],
      },
    ],
  }
}
