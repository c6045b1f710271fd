import { createHash } from 'node:crypto'
import * as fc from 'fast-check'
import { keyPrefix, rowKeys } from '../../../serving/cache/rowKeys'
import { sameValue } from '../../../serving/calls/rowIndex'

const prefix = keyPrefix('a version')

function keyOf(row: readonly unknown[], of = prefix): string {
  const columns = row.map((value) => [value])
  return rowKeys(columns, [...columns.keys()], 1, of)[0]
}

const scalar = fc.oneof(
  fc.constantFrom(null, true, false, 0, -0, 1, '', '1', 'ab', 'a', 'b', '\ud800'),
  fc.double({ noNaN: true }),
  fc.string({ unit: 'binary' }),
)
const value = fc.oneof(scalar, fc.array(scalar, { maxLength: 3 }))

test('rows have one key exactly if they are one row to a graph', () => {
  const row = fc.array(value, { minLength: 2, maxLength: 2 })
  fc.assert(
    fc.property(row, row, (left, right) => {
      const isSame = left.every((one, at) => sameValue(one, right[at]))
      expect(keyOf(left) === keyOf(right)).toBe(isSame)
      expect(keyOf(left)).toBe(keyOf(structuredClone(left)))
    }),
    { numRuns: 2_000 },
  )
})

test.each<[readonly unknown[], readonly unknown[]]>([
  [[0], [-0]],
  [['1'], [1]],
  [[null], [false]],
  [
    ['ab', ''],
    ['a', 'b'],
  ],
  [[['a'], 'b'], [['a', 'b']]],
  [[['a', 'b']], [['ab']]],
  [[[]], [null]],
  [[['a', ['b']]], [['a', 'b']]],
])('%j is not %j', (left, right) => {
  expect(keyOf(left)).not.toBe(keyOf(right))
})

test('a key is of the version, and 256 bits long', () => {
  expect(keyOf(['a'])).toMatch(/^[\w-]{43}$/)
  expect(keyOf(['a'], keyPrefix('another version'))).not.toBe(keyOf(['a']))
})

test('only the columns count that the graph reads, and each row has its own key', () => {
  const columns = [
    [1, 1, 2, 1],
    ['x', 'y', 'x', 'x'],
    [0, 0, 0, 9],
  ]
  const [first, second, third, fourth] = rowKeys(columns, [0, 1], 4, prefix)
  expect(fourth).toBe(first)
  expect(new Set([first, second, third]).size).toBe(3)
})

test('a row that is longer than all before it is written whole', () => {
  const long = 'x'.repeat(100_001)
  const words = Array.from({ length: 5_000 }, (_, at) => `word ${at}`)
  const keys = [[long], [`${long.slice(1)}y`], [words], [[...words.slice(1), 'other']]].map((row) =>
    keyOf(row),
  )
  expect(new Set(keys).size).toBe(4)
})

test('it is the hash of prefix, kinds and values in 32-bit words, so that processes agree', () => {
  const words = [...prefix, 4, 3, 'a'.charCodeAt(0) | ('b'.charCodeAt(0) << 16), 'c'.charCodeAt(0), 2]
  const bytes = new Uint8Array(Int32Array.from(words).buffer)
  expect(keyOf(['abc', true])).toBe(createHash('sha256').update(bytes).digest('base64url'))
})
