import { buildSchema, defaultFieldResolver, type GraphQLObjectType } from 'graphql'
import { isChecked } from '../../../models/types/numberList'
import type { InputBinding } from '../../../schema/fields/plan'
import { compileQuickColumn } from '../../../serving/inputs/inputColumns'
import { places } from '../../gateway/federate'
import { createServices } from '../service'

const start = createServices()

const type = buildSchema(`
  type Thing {
    id: ID! name: String count: Int size: Float flag: Boolean needed: Float!
    names: [String!] ids: [ID!] sizes: [Float!] flags: [Boolean!] counts: [Int!] kind: Kind other: Thing
  }
  type Query { thing: Thing } enum Kind { A }
`).getType('Thing') as GraphQLObjectType

const own = (...path: string[]): InputBinding => ({ from: 'parent', path, external: false })
const brought = (...path: string[]): InputBinding => ({ from: 'parent', path, external: true })

/** The column of one value, or false where it needs a closer look. */
function read(binding: InputBinding, ...parents: unknown[]): unknown {
  const column: unknown[] = []
  return compileQuickColumn(binding, type)!(parents, column) && column
}

it.each([
  ['id', ['a', 7, 0, -0], ['a', '7', '0', '0']],
  ['name', ['', null, undefined], ['', null, null]],
  ['count', [7, null], [7, null]],
  ['size', [1.5, 1e300, null], [1.5, 1e300, null]],
  ['flag', [true, false], [true, false]],
  ['needed', [0], [0]],
  ['names', [[], ['a'], null], [[], ['a'], null]],
  ['flags', [[true]], [[true]]],
  ['sizes', [[], [1, 2.5], null], [[], [1, 2.5], null]],
])(
  'a field of its own, %s, is read at once where a client would get its values as they are',
  (name, values, column) => {
    const found = read(own(name), ...values.map((value) => ({ [name]: value })))
    expect([...(found as unknown[])]).toEqual(column)
  },
)

it.each([
  ['id', 1.5],
  ['id', null],
  ['name', 1],
  ['name', () => 'a'],
  ['name', Promise.resolve('a')],
  ['name', new Error('lost')],
  ['count', 2 ** 31],
  ['count', '1'],
  ['size', Number.NaN],
  ['size', Infinity],
  ['flag', 0],
  ['needed', undefined],
  ['names', ['a', null]],
  ['names', new Set(['a'])],
  ['ids', ['1', 2]],
  ['sizes', [1, Number.NaN]],
  ['sizes', [1, '2']],
  ['sizes', [1, 1e39]],
])('%s needs a closer look where it is %p', (name, value) => {
  expect(read(own(name), { [name]: value })).toBe(false)
})

it('a parent that is no object needs a closer look', () => {
  for (const parent of [null, undefined, 'text', 1, () => ({ name: 'a' })]) {
    expect(read(own('name'), parent)).toBe(false)
    expect(read(brought('name'), parent)).toBe(false)
  }
})

it('what the gateway brought is taken as it is, and looked at closely where it is missing or no JSON', () => {
  expect(read(brought('name'), { name: 1 }, { name: null }, { name: ['a', null] })).toEqual([
    1,
    null,
    ['a', null],
  ])
  for (const name of [undefined, { a: 1 }, Promise.resolve(1), () => 1]) {
    expect(read(brought('name'), { name })).toBe(false)
  }
})

it('only columns of lists of floats are known to hold numbers within float32, and only those of its own', () => {
  const isKnown = (binding: InputBinding, parent: unknown): boolean => {
    const column: unknown[] = []
    expect(compileQuickColumn(binding, type)!([parent], column)).toBe(true)
    return isChecked(column)
  }
  expect(isKnown(own('sizes'), { sizes: [1, 2.5] })).toBe(true)
  expect(isKnown(own('names'), { names: ['a'] })).toBe(false)
  expect(isKnown(brought('sizes'), { sizes: [1, 2.5] })).toBe(false)
})

it('there is no such way for paths, enums, lists of whole numbers, resolvers, and what is no field', () => {
  const none: InputBinding[] = [
    own('other', 'name'),
    own('kind'),
    own('counts'),
    { from: 'args', path: ['name'] },
  ]
  for (const binding of none) expect(compileQuickColumn(binding, type)).toBeUndefined()
  const field = type.getFields()['name']
  field.resolve = defaultFieldResolver
  expect(compileQuickColumn(own('name'), type)).toBeDefined()
  field.resolve = () => 'a'
  expect(compileQuickColumn(own('name'), type)).toBeUndefined()
})

const trap = Symbol('trap')

function holding(pair: unknown): object {
  if (pair !== trap) return { pair }
  return {
    get pair() {
      throw new Error('sprung')
    },
  }
}

describe.each([
  ['by columns', false],
  ['row by row', true],
])('lists of numbers %s', (_, byRow) => {
  it.each([
    ['are taken', [1, 2.5], undefined],
    ['may be absent', null, undefined],
    ['with an item beyond float32 are refused by the model', [1, 1e39], 'BAD_FEATURE'],
    ['of another length are refused by the model', [1], 'BAD_FEATURE'],
    ['with an item that no client would get have failed', [1, Number.NaN], 'UPSTREAM_FAILED'],
    ['with a text that is no number have failed', [1, 'x'], 'UPSTREAM_FAILED'],
    ['with a text that is a number hold that number', [1, '2.5'], undefined],
    ['that throw when they are read have failed', trap, 'UPSTREAM_FAILED'],
  ])('%s, and the rows beside them are answered', async (_, pair, code) => {
    const input = '{ pair: { type: "[Float!]", length: 2, nullable: true } }'
    const { query } = await start({
      byRow,
      subgraphs: {
        own: {
          sdl: 'type Query { things: [Thing!]! } type Thing { pair: [Float!] seen: String @predict(objective: "PROBE") }',
          resolvers: { Query: { things: () => [{ pair: [3, 4] }, holding(pair), { pair: [5, 6] }] } },
        },
      },
      objectives: { PROBE: `inputs: ${input}\noutputs: { seen: { type: String } }` },
      models: [{ key: 'probe@1', features: input, outputs: '{ seen: { type: String } }' }],
    })
    const answer = await query('{ things { seen } }')
    const told = (value: unknown) => JSON.stringify({ pair: value })
    const taken = Array.isArray(pair) ? pair.map(Number) : pair
    expect((answer.data!.things as { seen: string | null }[]).map(({ seen }) => seen)).toEqual([
      told([3, 4]),
      code === undefined ? told(taken) : null,
      told([5, 6]),
    ])
    expect(places(answer)).toEqual(code === undefined ? [] : [`things.1.seen: ${code}`])
  })
})
