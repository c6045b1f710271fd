import { type Answer, federate, linkPredict, places } from '../federate'
import { catalog, fail, failFor, recommendations, streaming } from '../titles'

const query = '{ titles { id predictedRating(memberId: 7) } }'

/** The representations of the only fetch that went to the subgraph. */
function representations(federation: ReturnType<typeof streaming>, subgraph = 'recommendations'): unknown[] {
  const fetches = federation.sent.filter((fetch) => fetch.subgraph === subgraph)
  expect(fetches).toHaveLength(1)
  return fetches[0].variables['representations'] as unknown[]
}

/** Path, message and `failedPath` of each prediction that lacks an input. */
function failedInputs({ errors }: Answer) {
  return errors
    ?.filter(({ extensions }) => extensions['code'] === 'UPSTREAM_FAILED')
    .map(({ path, message, extensions }) => [path?.join('.'), message, extensions['failedPath']])
}

describe('an input of a prediction that failed', () => {
  test('3 of 100 titles fail: 3 nulls with UPSTREAM_FAILED, 97 values, one fetch of 97 representations', async () => {
    const federation = streaming({ year: failFor('5', '50', '99') })
    const { data, errors } = await federation.query(query)
    const titles = data?.['titles'] as { id: string; predictedRating: number | null }[]
    expect(titles).toHaveLength(100)
    expect(titles.filter(({ predictedRating }) => predictedRating === null).map(({ id }) => id)).toEqual([
      '5',
      '50',
      '99',
    ])
    expect(titles.filter(({ predictedRating }) => predictedRating === 2007.1)).toHaveLength(97)
    const failed = errors?.filter(({ extensions }) => extensions['code'] === 'UPSTREAM_FAILED')
    expect(failed?.map(({ message, path }) => ({ message, path }))).toEqual(
      [5, 50, 99].map((i) => ({
        message: `Title.predictedRating needs Title.year, which failed at titles.${i}.year`,
        path: ['titles', i, 'predictedRating'],
      })),
    )
    expect(representations(federation)).toHaveLength(97)
  })

  test('a null that the owner answered is sent as null: only an error makes a failure', async () => {
    const federation = streaming({ year: (id) => (id === '1' ? null : 2000), titles: ['0', '1'] })
    expect(await federation.query(query)).toEqual({
      data: {
        titles: [
          { id: '0', predictedRating: 2007.1 },
          { id: '1', predictedRating: 6.1 },
        ],
      },
    })
    expect(representations(federation)[1]).toEqual({
      __typename: 'Title',
      id: '1',
      year: null,
      genres: ['drama'],
    })
  })

  test('nothing is sent where no entity is left', async () => {
    const federation = streaming({ year: () => fail('year') })
    const answer = await federation.query('{ title(id: 1) { predictedRating(memberId: 7) } }')
    expect(answer.data).toEqual({ title: { predictedRating: null } })
    expect(federation.sent.map(({ subgraph }) => subgraph)).toEqual(['catalog'])
  })

  test('the place of the input has the client’s names, as far as the client selected it', async () => {
    const federation = streaming({ year: failFor('5') })
    const answer = await federation.query(
      `{ other: title(id: 1) { id }
         a: title(id: 5) { x: predictedRating(memberId: 7) }
         b: title(id: 5) { y: predictedRating(memberId: 7) made: year } }`,
    )
    expect(failedInputs(answer)).toEqual([
      ['a.x', 'Title.predictedRating needs Title.year, which failed at a.year', 'a.year'],
      ['b.y', 'Title.predictedRating needs Title.year, which failed at b.made', 'b.made'],
    ])
  })

  test('aliases fail one by one, each at its own path', async () => {
    const federation = streaming({ year: () => fail('year') })
    const answer = await federation.query(
      '{ title(id: 1) { a: predictedRating(memberId: 7) b: predictedRating(memberId: 8) year } }',
    )
    expect(places(answer)).toEqual([
      'title.a: UPSTREAM_FAILED',
      'title.b: UPSTREAM_FAILED',
      'title.year: BROKEN',
    ])
  })

  test('other fields of the same fetch are asked for, and only the prediction is replaced', async () => {
    const federation = streaming({ year: failFor('1'), titles: ['0', '1'] })
    const answer = await federation.query('{ titles { mood slug predictedRating(memberId: 7) } }')
    expect(answer.data).toEqual({
      titles: [
        { mood: 'drama', slug: 'title-0', predictedRating: 2007.1 },
        { mood: 'drama', slug: 'title-1', predictedRating: null },
      ],
    })
    expect(places(answer)).toContain('titles.1.predictedRating: UPSTREAM_FAILED')
  })

  test('an error of the subgraph about a prediction that is replaced anyway is not reported', async () => {
    const federation = federate({
      catalog: catalog({ year: failFor('1'), titles: ['1'] }),
      recommendations: {
        ...recommendations,
        resolvers: { Title: { predictedRating: () => fail('model'), slug: () => 'slug' } },
      },
    })
    const answer = await federation.query('{ titles { year slug predictedRating(memberId: 7) } }')
    expect(places(answer)).toEqual(['titles.0.predictedRating: UPSTREAM_FAILED', 'titles.0.year: BROKEN'])
  })

  test('the error of a field that only a prediction needed is placed at its entity, which the client knows', async () => {
    const federation = streaming({ year: failFor('1'), titles: ['1'] })
    expect(places(await federation.query(query))).toEqual([
      'titles.0.predictedRating: UPSTREAM_FAILED',
      'titles.0: BROKEN',
    ])
  })

  test('a skipped prediction has no error', async () => {
    const federation = streaming({ year: failFor('1'), titles: ['1'] })
    const text =
      'query ($yes: Boolean!) { titles { year slug predictedRating(memberId: 7) @skip(if: $yes) mood @include(if: $yes) } }'
    const answer = await federation.query(text, { yes: true })
    expect(answer.data).toEqual({ titles: [{ year: null, slug: 'title-1', mood: 'drama' }] })
    expect(places(answer)).toEqual(['titles.0.year: BROKEN'])
  })
})

describe('an input that another fetch should have brought', () => {
  const library = {
    typeDefs: 'type Query { shelf: [Title] } type Title @key(fields: "id", resolvable: false) { id: ID! }',
    resolvers: { Query: { shelf: () => [{ id: '1' }, { id: '404' }, { id: '1' }, null] } },
  }
  const shelf = '{ shelf { id predictedRating(memberId: 7) } }'

  function resolving(resolveReference: (title: { id: string }) => unknown) {
    return federate({ catalog: catalog({ resolveReference }), library, recommendations })
  }

  test('an entity that its owner does not know: null without an error, and it is not asked for', async () => {
    const federation = resolving((title) => (title.id === '404' ? null : title))
    expect(await federation.query(shelf)).toEqual({
      data: {
        shelf: [
          { id: '1', predictedRating: 2007.1 },
          { id: '404', predictedRating: null },
          { id: '1', predictedRating: 2007.1 },
          null,
        ],
      },
    })
    expect(representations(federation, 'catalog')).toHaveLength(2)
    expect(representations(federation)).toEqual([
      { __typename: 'Title', id: '1', year: 2000, genres: ['drama'] },
    ])
  })

  test('an entity whose reference cannot be resolved has failed, at each of its places', async () => {
    const federation = resolving(async (title) => (title.id === '1' ? fail('reference') : title))
    const answer = await federation.query(shelf)
    expect(answer.data?.['shelf']).toEqual([
      { id: '1', predictedRating: null },
      { id: '404', predictedRating: 2007.1 },
      { id: '1', predictedRating: null },
      null,
    ])
    expect(places(answer).filter((place) => place.includes('UPSTREAM'))).toEqual([
      'shelf.0.predictedRating: UPSTREAM_FAILED',
      'shelf.2.predictedRating: UPSTREAM_FAILED',
    ])
    expect(answer.errors?.at(-1)?.message).toBe(
      'Title.predictedRating needs Title.genres, which failed at shelf.2.genres',
    )
  })

  test('a non-null input that fails takes the entity of its fetch with it: both inputs have failed', async () => {
    const federation = federate({
      catalog: catalog({ genres: (id) => (id === '1' ? fail('genres') : ['drama']) }),
      library,
      recommendations,
    })
    const answer = await federation.query(shelf)
    expect(answer.data?.['shelf']).toEqual([
      { id: '1', predictedRating: null },
      { id: '404', predictedRating: 2007.1 },
      { id: '1', predictedRating: null },
      null,
    ])
    expect(representations(federation)).toHaveLength(1)
  })

  test('a subgraph that rejects: its fields and the predictions on them fail, and the message names it', async () => {
    const federation = federate({
      catalog: { ...catalog(), executor: () => ({ execute: async () => fail('secret host') }) },
      library,
      recommendations,
    })
    const answer = await federation.query('{ shelf { id name predictedRating(memberId: 7) } }')
    expect(answer.data?.['shelf']).toEqual([
      { id: '1', name: null, predictedRating: null },
      { id: '404', name: null, predictedRating: null },
      { id: '1', name: null, predictedRating: null },
      null,
    ])
    expect(places(answer).filter((place) => place.startsWith('shelf.1.'))).toEqual([
      'shelf.1.name: UPSTREAM_FAILED',
      'shelf.1.predictedRating: UPSTREAM_FAILED',
    ])
    const messages = answer.errors?.map(({ message }) => message) ?? []
    expect(messages).toContain('subgraph catalog: expected an answer, but it failed')
    expect(messages.join()).not.toContain('secret')
    expect(federation.sent.map(({ subgraph }) => subgraph)).toEqual(['library', 'catalog'])
  })
})

test('nested inputs: the path in the message is that of the value that failed', async () => {
  const federation = federate({
    people: {
      typeDefs: `
        type Query { films: [Film!]! }
        type Film @key(fields: "id") { id: ID! cast: [Role!]! }
        type Role { name: String person: Person }
        type Person { age: Int }`,
      resolvers: {
        Query: { films: () => [{ id: 1 }, { id: 2 }] },
        Film: { cast: ({ id }: { id: number }) => [{ person: { age: 40, id } }, { person: { id } }] },
        Person: {
          age: ({ age, id }: { age?: number; id: number }) => age ?? (id === 2 ? fail('age') : null),
        },
      },
    },
    scores: {
      typeDefs: `${linkPredict}
        type Film @key(fields: "id") {
          id: ID!
          cast: [Role!]! @external
          score: Float @requires(fields: "cast { person { age } }") @predict(objective: "SCORE")
        }
        type Role @shareable { person: Person @external }
        type Person @shareable { age: Int @external }`,
      resolvers: {
        Film: {
          score: ({ cast }: { cast: { person: { age: number | null } }[] }) =>
            cast.reduce((sum, { person }) => sum + (person.age ?? 0), 0),
        },
      },
    },
  })
  const answer = await federation.query('{ films { score } }')
  expect(answer.data).toEqual({ films: [{ score: 40 }, { score: null }] })
  expect(answer.errors?.find(({ extensions }) => extensions['code'] === 'UPSTREAM_FAILED')?.message).toBe(
    'Film.score needs Film.cast.person.age, which failed at films.1.cast.1.person.age',
  )
})

test('an input that was fetched under another key, since the client asked for it with other arguments', async () => {
  const federation = federate({
    shop: {
      typeDefs: `
        type Query { item(id: ID!): Item }
        type Item @key(fields: "id") { id: ID! weight(inGrams: Boolean!): Float }`,
      resolvers: {
        Query: { item: (_: unknown, { id }: { id: string }) => ({ id }) },
        Item: { weight: (_: unknown, { inGrams }: { inGrams: boolean }) => (inGrams ? fail('weight') : 1) },
      },
    },
    scores: {
      typeDefs: `${linkPredict}
        type Item @key(fields: "id") {
          id: ID!
          weight(inGrams: Boolean!): Float @external
          score: Float @requires(fields: "weight(inGrams: true)") @predict(objective: "SCORE")
        }`,
      resolvers: { Item: { score: ({ weight }: { weight: number }) => weight } },
    },
  })
  // The client's own `weight` has not failed, so the arguments tell which one did.
  const answer = await federation.query('{ it: item(id: 1) { weight(inGrams: false) score } }')
  const failedAt = 'it.weight(inGrams: true)'
  expect(answer.data).toEqual({ it: { weight: 1, score: null } })
  expect(failedInputs(answer)).toEqual([
    ['it.score', `Item.score needs Item.weight, which failed at ${failedAt}`, failedAt],
  ])
})

test('an input below an object that is null for another field: it has failed, and nothing is predicted from null', async () => {
  const federation = federate({
    people: {
      typeDefs: `
        type Query { films: [Film!]! }
        type Film @key(fields: "id") { id: ID! director: Person }
        type Person @shareable { age: Int name: String! }`,
      resolvers: {
        Query: { films: () => [{ id: 1 }, { id: 2 }] },
        Film: { director: ({ id }: { id: number }) => ({ id, age: 40 }) },
        Person: { name: ({ id }: { id: number }) => (id === 2 ? fail('name') : 'Ann') },
      },
    },
    scores: {
      typeDefs: `${linkPredict}
        type Film @key(fields: "id") {
          id: ID!
          director: Person @external
          score: Float @requires(fields: "director { age }") @predict(objective: "SCORE")
        }
        type Person @shareable { age: Int name: String! }`,
      resolvers: {
        Film: { score: ({ director }: { director: { age: number } | null }) => director?.age ?? -1 },
      },
    },
  })
  const { data, errors } = await federation.query('{ films { director { name } score } }')
  expect(data).toEqual({
    films: [
      { director: { name: 'Ann' }, score: 40 },
      { director: null, score: null },
    ],
  })
  expect(errors?.map(({ path, extensions }) => [path?.join('.'), extensions['code']])).toEqual([
    ['films.1.director.name', 'BROKEN'],
    ['films.1.score', 'UPSTREAM_FAILED'],
  ])
})

test('an entity whose key was lost with another field of its fetch: the failure is told once, not again for what had to be asked by that key', async () => {
  const federation = federate({
    films: {
      typeDefs: `
        type Query { films: [Film]! }
        type Film @key(fields: "slug") { slug: ID! }`,
      resolvers: { Query: { films: () => [{ slug: 'a' }, { slug: 'b' }] } },
    },
    makers: {
      typeDefs: `
        type Film @key(fields: "slug") @key(fields: "id") { slug: ID! id: ID! maker: Maker! }
        type Maker { name: String! }`,
      resolvers: {
        Film: {
          __resolveReference: ({ slug }: { slug: string }) => ({
            slug,
            id: slug === 'a' ? 1 : 2,
            maker: slug,
          }),
        },
        Maker: { name: (slug: string) => (slug === 'b' ? fail('name') : 'Ann') },
      },
    },
    stock: {
      typeDefs: `
        type Film @key(fields: "id") { id: ID! copies: Int! }`,
      resolvers: { Film: { copies: () => 3 } },
    },
  })
  const { data, errors } = await federation.query('{ films { copies maker { name } } }')
  expect(data).toEqual({ films: [{ copies: 3, maker: { name: 'Ann' } }, null] })
  expect(errors?.map(({ path, extensions }) => [path?.join('.'), extensions['code']])).toEqual([
    ['films.1.maker.name', 'BROKEN'],
  ])
})
