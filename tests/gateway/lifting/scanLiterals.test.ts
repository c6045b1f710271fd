import { parse, print } from 'graphql'
import { scanLiterals } from '../../../gateway/lifting/scanLiterals'

const scan = (text: string) => scanLiterals(text, 20_000)

/** The key as one would write it, and literals as they stand in a document. */
function shown(text: string): unknown {
  const scanned = scan(text)
  return (
    scanned && [print(parse(scanned.key)).replace(/\s+/g, ' '), scanned.literals.map((value) => print(value))]
  )
}

test.each<[string, string, string, string[]]>([
  ['numbers', '{ a(x: 1, y: -2.50e3) }', '{ a(x: $_lifted0, y: $_lifted1) }', ['1', '-2.50e3']],
  ['text', '{ a(x: "a\\"b\\n") }', '{ a(x: $_lifted0) }', ['"a\\"b\\n"']],
  [
    'booleans, nulls and enum values',
    '{ a(x: true, y: null, z: BIG) }',
    '{ a(x: $_lifted0, y: $_lifted1, z: $_lifted2) }',
    ['true', 'null', 'BIG'],
  ],
  [
    'lists and objects',
    '{ a(x: [1, [2]], y: { b: { c: "d" }, e: [] }) }',
    '{ a(x: $_lifted0, y: $_lifted1) }',
    ['[1, [2]]', '{b: {c: "d"}, e: []}'],
  ],
  [
    'equal ones of one response key as one variable',
    '{ a(x: 1) b: a(x: 1, y: [1 1]) c { a(x: 1, y: 1) a: d(x: 2) } }',
    '{ a(x: $_lifted0) b: a(x: $_lifted1, y: $_lifted2) c { a(x: $_lifted0, y: $_lifted3) a: d(x: $_lifted4) } }',
    ['1', '1', '[1, 1]', '1', '2'],
  ],
  [
    'beside variables and in fragments',
    'query Q($v: Int = 3) { a(x: $v, y: 4) { ...F } } fragment F on A { b(x: 5) }',
    'query Q($v: Int = 3) { a(x: $v, y: $_lifted0) { ...F } } fragment F on A { b(x: $_lifted1) }',
    ['4', '5'],
  ],
  [
    'below aliases, type conditions and directives',
    '{ c: a(x: 1) @skip(if: true) { ... on B @include(if: false) { d(x: 2) @x(y: {z: 3}) } } }',
    '{ c: a(x: $_lifted0) @skip(if: true) { ... on B @include(if: false) { d(x: $_lifted1) @x(y: {z: 3}) } } }',
    ['1', '2'],
  ],
])('%s are lifted', (_, text, key, literals) => {
  expect(shown(text)).toEqual([key, literals])
})

test.each([
  ['a directive', '{ a @skip(if: true) { b } }'],
  ['a default', 'query ($v: In = { a: [1] } @x(y: 2)) @z(w: 3) { a(x: $v) }'],
  ['an object or list with a variable', 'query ($v: Int) { a(x: { b: 1, c: [$v] }, y: [1, $v]) }'],
  [
    'a number that the planner reads differently, or not at all',
    '{ a(x: -0, y: 1e999, z: [9007199254740993], w: -0.0) }',
  ],
  [
    'text that the planner reads differently, or not at all',
    '{ a(x: "\\u0041", y: """a""", z: "\\b", w: ["\u007f\\u{1F600}"]) }',
  ],
  ['no argument at all', '{ a { b } }'],
])('%s holds no literal to be lifted', (_, text) => {
  expect(parse(text)).toBeDefined()
  expect(scan(text)).toBeUndefined()
})

test('what is lifted beside what stays does not change it', () => {
  expect(shown('query ($v: Int) { a(x: { b: 1, c: [$v] }, y: "\\u0041", z: 2) @x(y: "b") }')).toEqual([
    'query ($v: Int) { a(x: {b: 1, c: [$v]}, y: "A", z: $_lifted0) @x(y: "b") }',
    ['2'],
  ])
})

test('the key is the same whatever the layout, comments and commas', () => {
  const one = scan('query Q{a(x:1 y:[2,3]){...F b}}fragment F on A{c}')
  const other = scan('# all\nquery Q {\n  a(x: 7, y: [4]), { ...F, b }\n}\n\nfragment F on A { c }\n')
  expect(other?.key).toBe(one?.key)
  expect(scan('query R{a(x:1 y:[2,3]){...F b}}fragment F on A{c}')?.key).not.toBe(one?.key)
})

test('which literals of one response key are equal is part of the key, and of others not', () => {
  expect(scan('{ a(x: 1) b { a(x: 1) } }')?.key).not.toBe(scan('{ a(x: 1) b { a(x: 2) } }')?.key)
  expect(scan('{ a(x: 3) b { a(x: 4) } }')?.key).toBe(scan('{ a(x: 1) b { a(x: "2") } }')?.key)
  expect(scan('{ a(x: 1) b { c: a(x: 1) } }')?.key).toBe(scan('{ a(x: 1) b { c: a(x: 2) } }')?.key)
})

test.each([
  ['no document', '{ a(x: 1) } }}} ('],
  ['a broken one', '{ a(x: 1'],
  ['broken arguments', '{ a(x 1) }'],
  ['a broken list', '{ a(x: [1) }'],
  ['text without an end', '{ a(x: "1) }'],
  ['a character that is none', '{ a(x: 1) ; }'],
  ['a variable of our own name', 'query ($_lifted0: Int) { a(x: $_lifted0, y: 1) }'],
  ['values that nest deeply', `{ a(x: ${'['.repeat(40)}${']'.repeat(40)}) }`],
  ['selections that nest deeply', `{ ${'a {'.repeat(40)} a(x: 1) ${'}'.repeat(40)} }`],
])('%s is left alone', (_, text) => {
  const scanned = scan(text)
  // What does not parse may have a key, but one that no valid document has.
  if (scanned !== undefined) expect(() => parse(scanned.key)).toThrow()
})

test('more tokens than are allowed are not looked at', () => {
  const text = '{ a(x: [1, 2, 3]) }'
  expect(scanLiterals(text, 11)).toBeUndefined()
  expect(scanLiterals(text, 12)).toBeDefined()
})

test('a hundred thousand characters are read token by token once, and more not at all', () => {
  const fields = (length: number) => {
    let text = '{'
    for (let i = 0; text.length < length - 20; i++) text += `f${i}(x:${i})`
    return `${text}}`
  }
  const text = fields(100_000)
  const scanned = scan(text)
  expect(scanned).toBeUndefined() // more than 20,000 tokens
  const all = scanLiterals(text, 200_000)!
  expect(all.literals.length).toBeGreaterThan(6000)
  expect(all.key.length).toBeLessThan(4 * text.length)
  expect(scanLiterals(`${text}${' '.repeat(200)}`, 200_000)).toBeUndefined()
})
