import { buildSchema, parse } from 'graphql'
import { readShape } from '../../../gateway/operations/documentShape'
import { literalsThatStay, literalUses } from '../../../gateway/operations/literalUses'

const schema = buildSchema(`
  scalar Custom
  enum Size { SMALL BIG }
  input In { s: String n: Int! = 4 size: Size list: [In!] other: Custom must: Boolean! }
  input One @oneOf { a: Int b: String }
  type Query { a(i: Int f: Float s: String id: ID b: Boolean e: Size l: [Int!] ll: [[ID]] o: In c: Custom cs: [Custom] one: One m: Int!): Query }`)

const maxListLength = 3

/** What the only literal of the document is read as; undefined where it stays. */
function read(text: string): unknown {
  const document = parse(text)
  const { literals, numbers } = readShape(document)
  const uses = literalUses(document, numbers, schema, maxListLength)
  const values = uses.map(({ number, read: reader }) => reader?.(literals[number]))
  expect(literalsThatStay(uses, literals)).toEqual(values.includes(undefined) ? [0] : [])
  return values[0]
}

test.each<[string, string, unknown]>([
  ['i', '-5', -5],
  ['f', '5', 5],
  ['f', '1e0', 1],
  ['f', '12345678901234567890', Number('12345678901234567890')],
  ['s', '"a\\b\\ud83d\\ude00\\u{1F600}"', 'a\b😀😀'],
  ['s', '"""\n  c\r    d\n"""', 'c\n  d'],
  ['id', '9007199254740993', '9007199254740993'],
  ['id', '"é"', 'é'],
  ['b', 'false', false],
  ['e', 'BIG', 'BIG'],
  ['e', 'null', null],
  ['l', '[1, 2]', [1, 2]],
  ['l', '2', [2]],
  ['ll', '["a", [1, null], null]', [['a'], ['1', null], null]],
  ['o', '{ must: true }', { must: true }],
  [
    'o',
    '{ must: true, s: null, size: BIG, list: { must: false, n: 1 } }',
    { must: true, s: null, size: 'BIG', list: [{ must: false, n: 1 }] },
  ],
])('%s: %s means the same as a variable, and is one', (argument, literal, value) => {
  expect(read(`{ a(${argument}: ${literal}) { i: __typename } }`)).toEqual(value)
})

test.each<[string, string, string]>([
  ['an infinite number, which JSON does not have', 'f', '1e999'],
  ['minus zero, which JSON does not have', 'f', '-0.0'],
  ['a scalar of a team, which may read literals in its own way', 'c', '5'],
  ['a list of such', 'cs', '[1]'],
  ['an object that holds one', 'o', '{ must: true, other: 5 }'],
  ['an object that must have one member', 'one', '{ a: 1 }'],
  ['a list that is too long', 'l', '[1, 2, 3, 4]'],
  [
    'such a list in an object',
    'o',
    '{ must: true, list: [{must: true}, {must: true}, {must: true}, {must: true}] }',
  ],
  ['what is wrong: a number that is too large', 'i', '2147483648'],
  ['what is wrong: another type', 'i', '"1"'],
  ['what is wrong: no such value', 'e', 'HUGE'],
  ['what is wrong: a null', 'm', 'null'],
  ['what is wrong: a null in a list', 'l', '[null]'],
  ['what is wrong: no such member', 'o', '{ must: true, no: 1 }'],
  ['what is wrong: a member twice', 'o', '{ must: true, must: false }'],
  ['what is wrong: a member that lacks', 'o', '{ n: 1 }'],
])('%s stays as it is (%s: %s)', (_, argument, literal) => {
  expect(read(`{ a(${argument}: ${literal}) { i: __typename } }`)).toBeUndefined()
})

test('one literal that is used as two types has two uses, and stays where either must', () => {
  const sdl = buildSchema('type Query { a(i: Int): A b: B } type A { x: Int } type B { a(i: Float): A }')
  const document = parse('{ a(i: 3000000000) { x } b { a(i: 3000000000) { x } } }')
  const { literals, numbers } = readShape(document)
  const uses = literalUses(document, numbers, sdl, maxListLength)
  expect(uses.map(({ number, read: reader }) => [number, reader?.(literals[number])])).toEqual([
    [0, undefined],
    [0, 3000000000],
  ])
  expect(literalsThatStay(uses, literals)).toEqual([0])
})
