import { compilePlan } from '../../../schema/compile/compilePlan'
import { composeSupergraph } from '../../../schema/composition/composeSupergraph'
import type { InputBinding, PredictionField } from '../../../schema/fields/plan'
import {
  catalog,
  exampleSubgraphs,
  federation,
  input,
  model,
  objective,
  output,
  source,
  subgraph,
} from '../fixture'

const find = (fields: readonly PredictionField[], coordinate: string) =>
  fields.find((field) => field.coordinate === coordinate)!

const bindings = (field: PredictionField): Record<string, InputBinding> =>
  Object.fromEntries(field.inputs.map(({ spec, binding }) => [spec.name, binding]))

describe('the fields of the streaming service', () => {
  const { fields, report } = compilePlan(exampleSubgraphs, catalog())

  it('bind mapped inputs as written and the others by name', () => {
    expect(bindings(find(fields, 'Member.recommendedTitles'))).toEqual({
      likedTitleIds: { from: 'parent', path: ['likedTitleIds'], external: true },
      excludeTitleIds: { from: 'parent', path: ['ratedTitleIds'], external: true },
      limit: { from: 'args', path: ['first'] },
    })
    expect(bindings(find(fields, 'Title.predictedRating'))).toEqual({
      memberId: { from: 'args', path: ['memberId'] },
      titleId: { from: 'parent', path: ['id'], external: false },
      genres: { from: 'parent', path: ['genres'], external: true },
      year: { from: 'parent', path: ['year'], external: true },
    })
  })

  it('know how their values are made', () => {
    expect(find(fields, 'Member.recommendedTitles')).toMatchObject({
      subgraph: 'recommendations',
      target: { kind: 'objective', objective: 'RECOMMEND_TITLES' },
      shape: { kind: 'records', output: 'items', fields: ['title', 'score'] },
    })
    expect(find(fields, 'Title.predictedRating').shape).toEqual({ kind: 'value', output: 'rating' })
  })

  it('are frozen, and pin nothing', () => {
    expect(Object.isFrozen(fields[0].inputs)).toBe(true)
    expect(report).toEqual([])
  })
})

/** Compiles `Title.x`, whose arguments, directives and sibling fields are given, against one objective. */
function compileField(parts: {
  args?: string
  predict?: string
  more?: string
  types?: string
  inputs: Record<string, string | ReturnType<typeof input>>
}): Record<string, InputBinding> {
  const args = parts.args === undefined ? '' : `(${parts.args})`
  const body = `type Title @key(fields: "id") { id: ID! ${parts.more ?? ''}
    x${args}: Float ${parts.predict ?? '@predict(objective: "X")'} }
    ${parts.types ?? ''}`
  const { fields } = compilePlan(
    [subgraph('films', body)],
    catalog({ objectiveList: [objective('X', parts.inputs, [output('score', 'Float')])] }),
  )
  return bindings(find(fields, 'Title.x'))
}

describe('an input that is not mapped', () => {
  it('comes from the one argument, parent field or context key of its name', () => {
    expect(
      compileField({
        args: 'limit: Int',
        more: 'year: Int',
        inputs: { limit: 'Int', year: 'Int', country: 'String' },
      }),
    ).toEqual({
      limit: { from: 'args', path: ['limit'] },
      year: { from: 'parent', path: ['year'], external: false },
      country: { from: 'context', key: 'country' },
    })
  })

  it('comes from a field of an input-object argument as if that were an argument', () => {
    expect(
      compileField({
        args: 'payment: PaymentInput!',
        types: 'input PaymentInput { income: Float! months: Int! }',
        inputs: { income: 'Float!', months: 'Float!' },
      }),
    ).toEqual({
      income: { from: 'args', path: ['payment', 'income'] },
      months: { from: 'args', path: ['payment', 'months'] },
    })
  })

  it('has its default, or is absent if it is nullable', () => {
    expect(compileField({ inputs: { limit: 'Int = 10', year: 'Int' } })).toEqual({
      limit: { from: 'default' },
      year: { from: 'absent' },
    })
  })

  it('is not taken from a prediction or a field that requires an argument', () => {
    expect(
      compileField({
        more: 'again: Float @predict(objective: "X") price(currency: String!): Float',
        predict: '@predict(objective: "X")',
        inputs: { again: 'Float', price: 'Float', x: 'Float' },
      }),
    ).toEqual({ again: { from: 'absent' }, price: { from: 'absent' }, x: { from: 'absent' } })
  })
})

describe('a path', () => {
  it('goes on through objects and lists, which become one list', () => {
    expect(
      compileField({
        more: 'seasons: [Season!]!',
        types:
          'type Season { cast: [Part!]! } type Part { person: Person! } type Person @key(fields: "id") { id: ID! }',
        predict: '@predict(objective: "X", inputs: ["ids: parent.seasons.cast.person.id"])',
        inputs: { ids: '[ID!]!' },
      }),
    ).toEqual({ ids: { from: 'parent', path: ['seasons', 'cast', 'person', 'id'], external: false } })
  })

  it('into another subgraph is covered by a nested @requires, also within braces and a fragment on its type', () => {
    expect(
      compileField({
        more: 'cast: [Part!]! @external',
        types: 'type Part { person: Person! } type Person @key(fields: "id") { id: ID! }',
        predict:
          '@requires(fields: "{ ... on Title { cast { person { id } } } }") @predict(objective: "X", inputs: ["ids: parent.cast.person.id"])',
        inputs: { ids: '[ID!]!' },
      }),
    ).toEqual({ ids: { from: 'parent', path: ['cast', 'person', 'id'], external: true } })
  })

  it('leads through the fields of a type that is @external as a whole', () => {
    expect(
      compileField({
        more: 'studio: Studio! @external',
        types: 'type Studio @external { code: ID! }',
        predict:
          '@requires(fields: "studio { code }") @predict(objective: "X", inputs: ["code: parent.studio.code"])',
        inputs: { code: 'ID!' },
      }),
    ).toEqual({ code: { from: 'parent', path: ['studio', 'code'], external: true } })
  })
})

describe('a source fits', () => {
  const labels = (name: string, ...values: string[]) => ({
    ...input(name, 'String'),
    type: { kind: 'enum', labels: values } as const,
  })

  it.each<[string, string, string | ReturnType<typeof input>]>([
    ['an Int a Float', 'a: Int!', 'Float!'],
    ['a list of Int a list of Float', 'a: [Int!]!', '[Float!]!'],
    ['an enum a String', 'a: Device!', 'String!'],
    ['an enum an enum with all its labels', 'a: Device!', labels('a', 'TV', 'PHONE', 'WEB')],
    ['a nullable source a nullable input', 'a: Int', 'Int'],
    ['a nullable source an input with a default', 'a: Int', 'Int = 3'],
    ['an ID an ID', 'a: ID!', 'ID!'],
  ])('%s', (_, args, spec) => {
    expect(compileField({ args, types: 'enum Device { TV PHONE }', inputs: { a: spec } })).toEqual({
      a: { from: 'args', path: ['a'] },
    })
  })

  it('from the context: a text an ID', () => {
    expect(
      compileField({
        predict: '@predict(objective: "X", inputs: ["memberId: context.member"])',
        inputs: { memberId: 'ID!' },
      }),
    ).toEqual({ memberId: { from: 'context', key: 'member' } })
  })
})

describe('a key field', () => {
  it('of an extended type is a source without @requires, also when it is marked @external', () => {
    const body =
      'extend type Title @key(fields: "id") { id: ID! @external x: Float @predict(objective: "X", inputs: ["titleId: parent.id"]) }'
    const { fields } = compilePlan(
      [subgraph('films', body)],
      catalog({ objectiveList: [objective('X', { titleId: 'ID!' }, [output('score', 'Float')])] }),
    )
    expect(bindings(fields[0])).toEqual({ titleId: { from: 'parent', path: ['id'], external: false } })
  })
})

describe('outputs', () => {
  const shapeOf = (type: string, outputs: Parameters<typeof model>[1], types = '', more = '') => {
    const body = `type Title @key(fields: "id") { id: ID! x: ${type} @predict(model: "m@1"${more}) } ${types}`
    const { fields } = compilePlan(
      [subgraph('films', body)],
      catalog({ models: new Map([['m@1', model({}, outputs)]]) }),
    )
    return { shape: fields[0].shape, types: fields[0].outputs.map((one) => one.type) }
  }

  it('fill an object by field name, except for fields that are predicted themselves', () => {
    expect(
      shapeOf(
        'Risk',
        [
          output('probability', 'Float'),
          output('decision', { kind: 'enum', labels: ['YES'] }),
          output('more', 'Int'),
        ],
        'type Risk { decision: Decision! probability: Float! again: Int @predict(model: "m@1", output: "more") } enum Decision { YES NO }',
      ).shape,
    ).toEqual({ kind: 'object', fields: ['decision', 'probability'] })
  })

  it('fill a list of scalars, non-null items too', () => {
    expect(shapeOf('[Float!]', [output('a', '[Float!]'), output('b', 'Int')]).shape).toEqual({
      kind: 'value',
      output: 'a',
    })
  })

  it('fill a scalar by the name that the field gives', () => {
    expect(shapeOf('Float', [output('a', 'Float'), output('b', 'Int')], '', ', output: "b"').shape).toEqual({
      kind: 'value',
      output: 'b',
    })
  })

  it('fill an entity, also one that is a stub here, and a list of them', () => {
    const person = { kind: 'entity', of: 'Person' } as const
    const stub = 'type Person @key(fields: "id", resolvable: false) { id: ID! }'
    expect(shapeOf('Person', [output('a', person)], stub).shape).toEqual({ kind: 'value', output: 'a' })
    expect(shapeOf('[Person!]', [output('a', { kind: 'list', of: person })], stub).shape).toEqual({
      kind: 'value',
      output: 'a',
    })
  })

  it('of a type that is not known yet take the type of the field', () => {
    expect(shapeOf('[Int!]', [{ name: 'a', type: undefined }])).toEqual({
      shape: { kind: 'value', output: 'a' },
      types: [{ kind: 'list', of: { kind: 'Int' } }],
    })
  })

  it('that are labels fill a String', () => {
    expect(shapeOf('String', [output('a', { kind: 'enum', labels: ['YES'] })]).shape.kind).toBe('value')
  })
})

describe('a pinned model', () => {
  const models = new Map([
    ['rater@9', model({ memberId: 'ID!', titleId: 'ID!' }, [output('rating', 'Float')])],
    ['rater@10', model({ titleId: 'ID!', year: 'Int' }, [output('rating', 'Float')])],
  ])
  const compile = (reference: string) =>
    compilePlan(
      [
        subgraph(
          'films',
          `type Title @key(fields: "id") { id: ID! x(memberId: ID!): Float @predict(model: "${reference}", inputs: ["titleId: parent.id"]) }`,
        ),
      ],
      catalog({ models }),
    )

  it('takes the features of its version as inputs, and is reported', () => {
    const { fields, report } = compile('rater@9')
    expect(Object.keys(bindings(fields[0]))).toEqual(['memberId', 'titleId'])
    expect(report).toEqual(['Title.x pins rater@9, so rules do not apply to it'])
  })

  it('without version takes the features of all versions, the newest first', () => {
    const { fields, report } = compile('rater')
    expect(fields[0].target).toEqual({ kind: 'model', model: 'rater' })
    expect(bindings(fields[0])).toEqual({
      titleId: { from: 'parent', path: ['id'], external: false },
      year: { from: 'absent' },
      memberId: { from: 'args', path: ['memberId'] },
    })
    expect(report).toEqual(['Title.x pins rater, its newest ready version, so rules do not apply to it'])
  })
})

describe('an argument that no input takes', () => {
  const compile = (args: string) => {
    const sdl = `type Title @key(fields: "id") { id: ID! x(${args}): Float @predict(objective: "WATCH_FIT") }
      input Setting { minutes: Int minuets: Int }`
    const fit = objective('WATCH_FIT', { minutes: 'Int = 90' }, [output('fit', 'Float')])
    return compilePlan([subgraph('films', sdl)], catalog({ objectives: new Map([['WATCH_FIT', fit]]) }))
      .report
  }

  it('is reported, with the input that was most likely meant', () => {
    expect(compile('minuts: Int')).toEqual([
      'Title.x: no input takes argument minuts; did you mean "minutes"?',
    ])
    expect(compile('minutes: Int, memberId: ID')).toEqual(['Title.x: no input takes argument memberId'])
    expect(compile('setting: Setting')).toEqual(['Title.x: no input takes argument setting.minuets'])
  })

  it('is not there where every argument is taken', () => {
    expect(compile('minutes: Int')).toEqual([])
  })
})

describe('a required field that no input reads', () => {
  const compile = (requires: string, inputs: Record<string, string>, mapping = '') => {
    const sdl = `type Customer @key(fields: "id") {
      id: ID! age: Int! @external occupation: String @external home: Home @external
      risk: Float @requires(fields: "${requires}") @predict(objective: "RISK"${mapping})
    }
    type Home { city: String @external }`
    const risk = objective('RISK', inputs, [output('risk', 'Float')])
    return compilePlan([subgraph('films', sdl)], catalog({ objectives: new Map([['RISK', risk]]) })).report
  }

  it('is reported, with the input without a source that would take it', () => {
    expect(compile('age occupation', { age: 'Int!', job: 'String', sex: 'Int' })).toEqual([
      'Customer.risk: no input reads occupation, which @requires names, and input "job" is absent; to use it, write "job: parent.occupation" into inputs',
    ])
    expect(compile('age home { city }', { age: 'Int!', citys: 'String = "x"', job: 'String' })).toEqual([
      'Customer.risk: no input reads home.city, which @requires names, and input "citys" takes its default; to use it, write "citys: parent.home.city" into inputs',
    ])
    expect(compile('age occupation', { age: 'Int!' })).toEqual([
      'Customer.risk: no input reads occupation, which @requires names',
    ])
  })

  it('is not there where every required field is read', () => {
    expect(compile('age', { age: 'Int!', job: 'String' })).toEqual([])
    expect(
      compile('age home { city }', { age: 'Int!', job: 'String' }, ', inputs: ["job: parent.home.city"]'),
    ).toEqual([])
  })
})

describe('a field that two subgraphs have', () => {
  const rated = (name: string, directives: string) =>
    subgraph(name, `type Title @key(fields: "id") { id: ID! x(titleId: ID!): Float ${directives} }`)
  const objectives = catalog({
    objectiveList: [objective('X', { titleId: 'ID!' }, [output('score', 'Float')])],
  })

  it('may be shared where both predict it alike', () => {
    const alike = '@shareable @predict(objective: "X")'
    expect(compilePlan([rated('a', alike), rated('b', alike)], objectives).fields).toHaveLength(2)
  })

  it('may have had a resolver in the subgraph from which it was taken over', () => {
    const before = source(
      'a',
      `${federation}\ntype Title @key(fields: "id") { id: ID! x(titleId: ID!): Float }`,
    )
    const taken = rated('b', '@override(from: "a") @predict(objective: "X")')
    expect(compilePlan([before, taken], objectives).fields).toHaveLength(1)
  })

  it('may have been predicted in another way, or from other sources, where it was taken over', () => {
    const taken = rated('b', '@override(from: "a") @predict(objective: "X")')
    const otherwise = rated('a', '@predict(objective: "X", inputs: ["titleId: parent.id"])')
    expect(compilePlan([otherwise, taken], objectives).fields).toHaveLength(2)
    const fromParent = subgraph(
      'a',
      'type Title @key(fields: "id") { id: ID! titleId: ID! x: Float @predict(objective: "X") }',
    )
    expect(compilePlan([fromParent, taken], objectives).fields).toHaveLength(2)
    expect(compilePlan([taken, fromParent], objectives).fields).toHaveLength(2)
  })
})

describe('a type with several keys', () => {
  const predictions =
    'x(titleId: ID!): Float @predict(objective: "SCORE")  y(titleId: ID!): Float @predict(objective: "SCORE")'
  const reportOf = (fields: string, keys = '@key(fields: "id") @key(fields: "number")', resolver = '') =>
    compilePlan(
      [subgraph('films', `type Title ${keys} { ${fields} ${predictions} }`)],
      catalog({
        objectiveList: [objective('SCORE', { titleId: 'ID!' }, [output('score', 'Float')])],
        hasResolver: (...path) => path.join('.') === `films.Title.${resolver}`,
      }),
    ).report.filter((line) => line.startsWith('warning'))
  const warning = (fields: string) =>
    `warning: subgraphs/films/schema.graphql:3 Title: a gateway may ask for ${fields} by another key, which nothing here can answer; keep one key, or write a __resolveReference that finds it by each`

  it('is warned of once, since predictions cannot tell one key from the other', () => {
    expect(reportOf('id: ID! number: Int!')).toEqual([warning('id and number')])
    expect(reportOf('id: ID! number: Int!', undefined, 'number')).toEqual([warning('id')])
  })

  it('is not where others give these fields, or each key has them, or the team finds the object', () => {
    expect(reportOf('id: ID! @external number: Int! @external')).toEqual([])
    expect(
      reportOf('id: ID! number: Int! @external', '@key(fields: "id") @key(fields: "id number")'),
    ).toEqual([])
    expect(reportOf('id: ID! number: Int!', undefined, '__resolveReference')).toEqual([])
    expect(reportOf('id: ID!', '@key(fields: "id")')).toEqual([])
  })
})

it('a root type of another name is Query in coordinates and in the supergraph', () => {
  const root = source(
    'films',
    `schema @link(url: "https://specs.apollo.dev/federation/v2.9") @link(url: "https://specs.presage.dev/predict/v1.0", import: ["@predict"]) { query: Root }
    type Root { x(titleId: ID!): Float @predict(objective: "X") }`,
  )
  const plan = compilePlan(
    [root],
    catalog({ objectiveList: [objective('X', { titleId: 'ID!' }, [output('score', 'Float')])] }),
  )
  expect(plan.fields[0]).toMatchObject({ type: 'Root', coordinate: 'Query.x' })
  expect(composeSupergraph([root], plan)).toContain('x(titleId: ID!): Float @predict')
})
