import { GraphQLScalarType, Kind } from 'graphql'
import { PresageError } from '../../../lib/errors'
import { CountedMetrics } from '../../support/countedMetrics'
import { type Answer, type Federation, federate, linkPredict } from '../federate'

/** Writes what it got, and how. */
const custom = new GraphQLScalarType({
  name: 'Custom',
  parseValue: (value) => `as a variable: ${JSON.stringify(value)}`,
  parseLiteral: (node) => `as a literal: ${node.kind === Kind.INT ? node.value : node.kind}`,
})

const subgraphs = {
  a: {
    typeDefs: `${linkPredict}
      scalar Custom
      enum Size { SMALL BIG HIDDEN @inaccessible }
      input In { s: String n: Int! = 4 size: Size list: [In!] other: Custom must: Boolean! }
      type Query {
        echo(i: Int = 7, f: Float, s: String, id: ID, b: Boolean, e: Size, l: [Int!], ll: [[ID]], o: In, c: Custom, m: Int! = 9): String
        item(id: ID!): Item
        items(first: Int!): [Item!]!
        refuse(first: Int): Int
        must(first: Int): Int!
      }
      type Mutation { change(to: Int!): Int }
      type Item @key(fields: "id") { id: ID! name(in: String): String }`,
    resolvers: {
      Custom: custom,
      Query: {
        echo: (_: unknown, args: object) => JSON.stringify(args),
        item: (_: unknown, { id }: { id: string }) => (id === 'none' ? null : { id }),
        items: (_: unknown, { first }: { first: number }) =>
          Array.from({ length: first }, (__, i) => ({ id: `${i}` })),
        refuse: (_: unknown, { first }: { first: number }) => {
          throw new PresageError('BAD_USER_INPUT', `first: must be at most 3, got ${first}`)
        },
        must: () => null,
      },
      Mutation: { change: (_: unknown, { to }: { to: number }) => to },
      Item: { name: ({ id }: { id: string }, args: { in?: string }) => `${id} in ${args.in}` },
    },
  },
  b: {
    typeDefs: `type Item @key(fields: "id") { id: ID! price(in: String!, digits: Int = 2): Float broken(why: String): Int }`,
    resolvers: {
      Item: {
        price: ({ id }: { id: string }, args: { in: string; digits: number }) =>
          Number(id) + args.in.length + args.digits / 10,
        broken: (_: unknown, { why }: { why: string }) => {
          throw new PresageError('BAD_FEATURE', why, { why })
        },
      },
    },
  },
}

function open(planCacheSize?: number) {
  const metrics = new CountedMetrics()
  const federation = federate(subgraphs, { metrics, planCacheSize, limits: { listLength: 3 } })
  return {
    ...federation,
    /** How many operations were planned. */
    planned: () => metrics.read('presage_plan_cache_misses_total'),
  }
}

type Variables = Record<string, unknown>

/** It remembers no text, so that each is the first. */
const forgetful = open(0)

/** All that a client sees, in its order. */
function seen({ data, errors }: Answer): string {
  return JSON.stringify({ data, errors: errors?.map((error) => error.toJSON()) })
}

/** What texts are answered that come one after the other to one gateway, and each to one that has seen none. */
async function compare(texts: readonly string[], variables?: Variables) {
  const federation = open()
  const answers: string[] = []
  const alone: string[] = []
  for (const text of texts) {
    answers.push(seen(await federation.query(text, variables)))
    alone.push(seen(await forgetful.query(text, variables)))
  }
  const documents = new Set(federation.sent.map(({ document }) => document))
  return {
    answers,
    alone,
    sent: sentAs(federation),
    planned: federation.planned(),
    documents: documents.size,
  }
}

function sentAs({ sent }: Federation): readonly Variables[] {
  return sent.map(({ variables }) => variables)
}

/** Documents with the values of their literals, as often as they come. */
function filled(template: string, ...rows: readonly (readonly string[])[]): string[] {
  return rows.map((row) => row.reduce((text, value, i) => text.replaceAll(`#${i}`, value), template))
}

describe('texts that differ in literals are planned once, whatever the literals, and answered as if each came alone', () => {
  test.each<[string, string, readonly (readonly string[])[], Variables?]>([
    [
      'numbers',
      '{ echo(i: #0, f: #1) }',
      [
        ['1', '1.5'],
        ['-2', '3'],
        ['2147483647', '1e21'],
        ['0', '0.30000000000000004'],
      ],
    ],
    ['text', '{ echo(s: #0) }', [['"a"'], ['"\\"\\\\ \\n \\t 漢 😀"'], ['""'], ['"b\\/"']]],
    ['ids', '{ echo(id: #0) }', [['1'], ['"1"'], ['-5'], ['"é"']]],
    [
      'booleans, enum values and nulls',
      '{ echo(b: #0, e: #1) }',
      [
        ['true', 'BIG'],
        ['false', 'SMALL'],
        ['null', 'null'],
        ['true', 'SMALL'],
      ],
    ],
    [
      'lists, and one value for a list',
      '{ echo(l: #0, ll: #1) }',
      [
        ['[1]', '[["a"]]'],
        ['[]', '[]'],
        ['2', '"x"'],
        ['[1, 2, 3]', '["a", [1, null], null]'],
      ],
    ],
    [
      'objects',
      '{ echo(o: #0) }',
      [
        ['{ must: true }'],
        ['{ must: false, n: 1 }'],
        ['{ size: BIG, must: true, s: null }'],
        ['{ must: true, list: [{ must: false, list: { must: true } }] }'],
      ],
    ],
    [
      'arguments with defaults',
      '{ echo(i: #0, m: #1) }',
      [
        ['1', '1'],
        ['null', '2'],
        ['3', '3'],
      ],
    ],
    [
      'literals beside variables',
      'query Q($v: Int, $s: String = "d") { echo(i: $v, s: $s, f: #0) }',
      [['1'], ['2'], ['3']],
      { v: 5 },
    ],
    [
      'an object with a variable, which stays',
      'query ($v: Boolean!) { echo(o: { must: $v, n: 1 }, i: #0) }',
      [['1'], ['2'], ['3']],
      { v: true },
    ],
    [
      'the same literal for several types',
      '{ item(id: "1") { x: name(in: #0) } items(first: 1) { x: price(in: #0) } }',
      [['"1"'], ['"2"'], ['"three"']],
    ],
    [
      'equal literals of one field',
      '{ echo(i: #0) ...F } fragment F on Query { echo(i: #0) }',
      [['1'], ['2'], ['3']],
    ],
    [
      'several entities, of two subgraphs',
      '{ items(first: #0) { name(in: #1) price(in: #1, digits: #2) x: price(in: #3) } }',
      [
        ['1', '"a"', '1', '"b"'],
        ['2', '"c"', '2', '"dd"'],
        ['3', '"e"', 'null', '"f"'],
        ['0', '"g"', '4', '"h"'],
      ],
    ],
    [
      'errors of resolvers, with the lines of each text',
      '{ refuse(first: #0)\n items(first: #1)\n { id a: broken(why: #2) } must(first: #0) }',
      [
        ['1', '1', '"x"'],
        ['20', '2', '"longer"'],
        ['3000', '1', '"yy"'],
      ],
    ],
    ['a scalar of a team, which stays', '{ echo(c: 5, i: #0) }', [['1'], ['2'], ['3']]],
    [
      'conditions',
      'query ($y: Boolean!) { a: echo(i: #0) @skip(if: $y) b: echo(i: #1) @include(if: true) @skip(if: false) item(id: #2) @include(if: $y) { name(in: "a") } }',
      [
        ['1', '2', '"a"'],
        ['3', '4', '"b"'],
        ['5', '6', '"none"'],
      ],
      { y: true },
    ],
    [
      'questions about the schema',
      '{ __type(name: #0) { name kind } echo(s: #1) }',
      [
        ['"Item"', '"a"'],
        ['"Query"', '"b"'],
        ['"None"', '"c"'],
      ],
    ],
    ['a mutation', 'mutation M { change(to: #0) }', [['1'], ['2'], ['3']]],
  ])('%s', async (_, template, rows, variables = {}) => {
    const { answers, alone, sent, planned, documents } = await compare(filled(template, ...rows), variables)
    expect(answers).toEqual(alone)
    expect(planned).toBe(1)
    expect(documents).toBeLessThanOrEqual(2)
    expect(Object.keys(sent.at(-1)!).join()).toMatch(/\bv\d/)
  })

  test.each<[string, string, string, unknown]>([
    ['a whole number beyond those that are exact', 'id', '9007199254740993', '9007199254740993'],
    ['a whole number beyond 64 bits', 'f', '1234567890123456789012', Number('1234567890123456789012')],
    ['a whole number with an exponent', 'f', '1e0', 1],
    ['text with pairs of escapes', 's', '"\\ud83d\\ude00 \\u{1F600}"', '😀 😀'],
    ['text with all escapes', 's', '"\\b\\f\\n\\r\\t\\/\\\\\\""', '\b\f\n\r\t/\\"'],
    ['block text', 's', '"""\n  c\r    d\n"""', 'c\n  d'],
    [
      'literals that differ and mean the same',
      'o',
      '{ n: 1, must: true }) echo(o: { must: true, n: 1 }',
      { n: 1, must: true },
    ],
  ])('%s arrives as a variable', async (_, argument, literal, value) => {
    const { answers, alone, sent } = await compare([`{ echo(${argument}: ${literal}) }`])
    expect(answers).toEqual(alone)
    expect(sent).toEqual([{ v0: value }])
    expect(JSON.parse(JSON.parse(answers[0]).data.echo)[argument]).toEqual(value)
  })

  test('and so are those that differ in layout and comments too', async () => {
    const { answers, alone, planned } = await compare([
      '{ refuse(first: 1) echo }',
      '# other\n{\n  refuse(first: 2)\n  echo\n}',
      '{ # a comment\n\n\n refuse(first: 3), echo }',
    ])
    expect(answers).toEqual(alone)
    expect(answers.at(-1)).toContain('{"line":4,"column":2}')
    expect(planned).toBe(1)
  })

  test('and in the descriptions of operations and fragments', async () => {
    const { answers, alone, planned } = await compare([
      'query { refuse(first: 1) ...F } fragment F on Query { must(first: 1) }',
      '"a" query { refuse(first: 2) ...F } """b""" fragment F on Query { must(first: 2) }',
      '"c" query { refuse(first: 3) ...F } fragment F on Query { must(first: 3) }',
    ])
    expect(answers).toEqual(alone)
    expect(planned).toBe(1)
  })
})

describe('a literal that may mean something else as a variable stays in the document', () => {
  test.each<[string, string[]]>([
    ['an infinite number', filled('{ echo(f: #0) }', ['1'], ['2'], ['1e999'])],
    ['minus zero', filled('{ echo(f: #0) }', ['1'], ['2'], ['-0.0'])],
    ["another literal of a team's scalar", filled('{ echo(c: #0) }', ['1'], ['2'], ['3'])],
    [
      "a team's scalar in an object",
      filled('{ echo(o: #0) }', ['{ must: true }'], ['{ must: false }'], ['{ must: true, other: 5 }']),
    ],
  ])('%s', async (_, texts) => {
    const { answers, alone, sent } = await compare(texts)
    expect(answers).toEqual(alone)
    expect(answers.at(-1)).toContain('"data":{"echo":"{')
    expect(sent.at(-1)).toEqual({})
  })
})

test('values that nest deeply are answered alike', async () => {
  const nested = (levels: number) => '{ must: true, list: ['.repeat(levels) + ']}'.repeat(levels)
  for (const levels of [5, 10, 25, 30, 100]) {
    const { answers, alone } = await compare(
      filled('{ echo(o: #0) }', ['{ must: true }'], ['{ must: false }'], [nested(levels)]),
    )
    expect(answers).toEqual(alone)
  }
})

describe('what is wrong with a text is said as if no other had come', () => {
  test.each<[string, string]>([
    ['a literal of another type', '{ echo(i: "1") }'],
    ['a whole number that is too large', '{ echo(i: 2147483648) }'],
    ['an enum value that there is not', '{ echo(e: HUGE) }'],
    ['one that clients must not know', '{ echo(e: HIDDEN) }'],
    ['a null where none may be', '{ echo(m: null) }'],
    ['a list that is too long', '{ echo(l: [1, 2, 3, 4]) }'],
    ['a field that an object has not', '{ echo(o: { must: true, no: 1 }) }'],
    ['one that it must have', '{ echo(o: { n: 1 }) }'],
    ['one twice', '{ echo(o: { must: true, must: false }) }'],
    ['two values for one field', '{ echo(i: 1) echo(i: 2) }'],
  ])('%s', async (_, text) => {
    const shape = (value: string) => text.replace(/\((\w): .*?\)( |$)/g, `($1: ${value})$2`)
    const good = {
      i: ['1', '2'],
      e: ['BIG', 'SMALL'],
      m: ['1', '2'],
      l: ['[1]', '[2]'],
      o: ['{ must: true }', '{ must: false }'],
    }
    const [first, second] = good[/echo\((\w)/.exec(text)![1] as keyof typeof good]
    const { answers, alone } = await compare([shape(first), shape(second), text])
    expect(answers[2]).toContain('"message"')
    expect(answers).toEqual(alone)
  })

  test('a variable that is wrong, with the line on which it is declared', async () => {
    const texts = filled(
      'query (\n  $v: Int!, $l: [Int!]) { echo(i: $v, f: #0, l: $l) }',
      ['1'],
      ['22'],
      ['3'],
    )
    for (const variables of [
      { v: 'x' },
      {},
      { v: 1, l: [1, 2, 3, 4] },
      { v: 1, l: 5, v0: [1, 2, 3, 4], v1: 'x' },
    ]) {
      const { answers, alone } = await compare(texts, variables)
      expect(answers).toEqual(alone)
    }
  })
})

test('each text of a shape has its own literals as variables', async () => {
  const federation = open()
  for (const text of ['{ echo(i: 1) }', '{ echo(i: 1) }', '{ echo(i: 2) }', '{ echo(i: 1) }'])
    await federation.query(text)
  expect(sentAs(federation)).toEqual([{ v0: 1 }, { v0: 1 }, { v0: 2 }, { v0: 1 }])
  expect(federation.planned()).toBe(1)
})

test('what a resolver does with its arguments is not seen by the next request of the same text', async () => {
  const federation = federate({
    a: {
      typeDefs: 'type Query { last(l: [Int!]!): Int }',
      resolvers: { Query: { last: (_: unknown, { l }: { l: number[] }) => l.push(0) } },
    },
  })
  const lengths: unknown[] = []
  for (const text of [
    '{ last(l: [1]) }',
    '{ last(l: [1, 2]) }',
    '{ last(l: [3, 4, 5]) }',
    '{ last(l: [3, 4, 5]) }',
  ]) {
    lengths.push((await federation.query(text)).data?.['last'])
  }
  expect(lengths).toEqual([2, 3, 4, 4])
})

test('a thousand texts that differ in their literals leave what others have planned where it is', async () => {
  const metrics = new CountedMetrics()
  const federation = federate(subgraphs, { metrics, planCacheSize: 3 })
  await federation.query('{ items(first: 1) { id } }')
  for (let i = 0; i < 1000; i++) await federation.query(`{ echo(i: ${i}, s: "${i}") }`)
  const planned = metrics.read('presage_plan_cache_misses_total')
  await federation.query('{ items(first: 1) { id } }')
  expect([planned, metrics.read('presage_plan_cache_misses_total')]).toEqual([2, 2])
})
