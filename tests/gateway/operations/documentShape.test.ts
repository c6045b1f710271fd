import { parse, print } from 'graphql'
import { readShape } from '../../../gateway/operations/documentShape'

const shape = (text: string) => readShape(parse(text))
const literals = (text: string) => shape(text).literals.map(print)

test.each<[string, string, string[]]>([
  ['numbers', '{ a(x: 1, y: -2.50e3) }', ['1', '-2.50e3']],
  ['text', '{ a(x: "a\\"b\\n") b(x: """\n  block\n""") }', ['"a\\"b\\n"', '"""block"""']],
  ['booleans, nulls and enum values', '{ a(x: true, y: null, z: BIG) }', ['true', 'null', 'BIG']],
  [
    'lists and objects as a whole',
    '{ a(x: [1, [2]], y: { b: { c: "d" }, e: [] }) }',
    ['[1, [2]]', '{b: {c: "d"}, e: []}'],
  ],
  [
    'equal ones of one argument of one response key once, others as often as they come',
    '{ a(x: 1) b: a(x: 1, y: 1) c { a(x: 1, z: 1) a: d(x: 2) } }',
    ['1', '1', '1', '1', '2'],
  ],
  [
    'those beside variables, in fragments and below conditions',
    'query Q($v: Int = 3) { a(x: $v, y: 4) { ...F ... @skip(if: true) { c(x: 6) } } } fragment F on A { b(x: 5) }',
    ['4', '6', '5'],
  ],
  ['none that holds a variable', 'query ($v: Int) { a(x: [1, $v], y: { z: { v: $v } }, w: 2) }', ['2']],
  ['none of directives and defaults', 'query ($v: Int = 1) @x(y: 2) { a @skip(if: true) @x(y: 3) }', []],
])('takes %s', (_, text, expected) => {
  expect(literals(text)).toEqual(expected)
})

test.each<[string, string, string]>([
  ['their literals', '{ a(x: 1, y: "b") { c(z: [1]) } }', '{ a(x: 200, y: null) { c(z: { d: 5 }) } }'],
  ['layout and comments', '{ a b(x: 1) }', '# says\n{\n\ta, b(\n x: 2) # more\n}'],
  ['how a text is written', '{ a(x: "b") }', '{ a(x: """b""") }'],
])('documents that differ in %s have one shape', (_, one, other) => {
  expect(shape(other).key).toBe(shape(one).key)
})

test.each<[string, string, string]>([
  ['another field', '{ a(x: 1) }', '{ b(x: 1) }'],
  ['another alias', '{ a(x: 1) }', '{ a: a(x: 1) }'],
  ['another argument', '{ a(x: 1) }', '{ a(y: 1) }'],
  ['arguments in another order', '{ a(x: 1, y: 1) }', '{ a(y: 1, x: 1) }'],
  ['a variable', 'query ($v: Int) { a(x: 1) }', 'query ($v: Int) { a(x: $v) }'],
  ['another variable', 'query ($v: Int $w: Int) { a(x: $w) }', 'query ($v: Int $w: Int) { a(x: $v) }'],
  [
    'another literal around a variable',
    'query ($v: Int) { a(x: [1, $v]) }',
    'query ($v: Int) { a(x: [2, $v]) }',
  ],
  ['a variable of another type', 'query ($v: Int) { a(x: $v) }', 'query ($v: Int!) { a(x: $v) }'],
  ['a variable of another default', 'query ($v: Int = 1) { a(x: $v) }', 'query ($v: Int = 2) { a(x: $v) }'],
  ['another name', 'query A { a }', 'query B { a }'],
  ['another kind', 'query A { a }', 'mutation A { a }'],
  ['another condition', '{ a @skip(if: true) }', '{ a @skip(if: false) }'],
  ['a condition elsewhere', '{ a @skip(if: true) b }', '{ a b @skip(if: true) }'],
  ['a field elsewhere', '{ a { b } c }', '{ a { b c } }'],
  ['another type condition', '{ ... on A { a } }', '{ ... on B { a } }'],
  ['no type condition', '{ ... on A { a } }', '{ ... { a } }'],
  [
    'another fragment',
    '{ ...F } fragment F on A { a } fragment G on A { b }',
    '{ ...G } fragment F on A { a } fragment G on A { b }',
  ],
  ['a fragment on another type', '{ ...F } fragment F on A { a }', '{ ...F } fragment F on B { a }'],
  ['a fragment of other fields', '{ ...F } fragment F on A { a }', '{ ...F } fragment F on A { b }'],
  ['a further operation', 'query A { a }', 'query A { a } query B { a }'],
  // Whether two fields of one response key may be merged depends on it.
  ['equal literals that are not equal in the other', '{ a(x: 1) a(x: 1) }', '{ a(x: 1) a(x: 2) }'],
])('%s makes another shape', (_, one, other) => {
  expect(shape(other).key).not.toBe(shape(one).key)
})

test('numbers are those of the literals that stand there, equal ones the same', () => {
  const document = parse('{ a(x: 7) ...F } fragment F on A { a(x: 7) b(x: 7) }')
  const { numbers, literals: all } = readShape(document)
  const places = [...numbers].map(([node, number]) => [node.loc?.start, number, print(all[number])])
  expect(places).toEqual([
    [7, 0, '7'],
    [40, 0, '7'],
    [48, 1, '7'],
  ])
})
