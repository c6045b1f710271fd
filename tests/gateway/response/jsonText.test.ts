import fc from 'fast-check'
import { jsonText } from '../../../gateway/response/compilePlace'

const json = (value: unknown) => JSON.stringify(value) ?? null

test.each<[string, unknown[]]>([
  ['numbers', [0, -0, 1, -1.5, 1e21, 1e-7, 5e-324, 2 ** 53, Number.MAX_VALUE]],
  ['numbers that JSON does not have', [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]],
  [
    'text to be escaped',
    ['"', '\\', '\n', '\u0000', '\u001f', '\u007f', '\u2028', '\ud800', 'x\udfff', '😀', 'é'],
  ],
  [
    'the same in the middle of a long text',
    ['"', '\u0001', '\ud800', 'é'].map((unit) => `${'x'.repeat(50)}${unit}${'y'.repeat(50)}`),
  ],
  ['booleans', [true, false]],
  [
    'objects with a form of their own',
    [new Date(0), new Date(Number.NaN), { toJSON: () => [1] }, new Map([[1, 2]])],
  ],
  ['lists', [[], [undefined, () => 1, Number.NaN, 'a']]],
])('%s are written as JSON.stringify writes them', (_, values) => {
  expect(values.map(jsonText)).toEqual(values.map(json))
})

test('null, and what JSON cannot say, is null', () => {
  const values = [null, undefined, () => 1, Symbol('s'), { toJSON: () => undefined }, {}.toString]
  expect(values.map(jsonText)).toEqual(values.map(() => null))
})

test('a bigint is refused', () => {
  expect(() => jsonText(1n)).toThrow(TypeError)
})

test('any text and any JSON is written as JSON.stringify writes it', () => {
  const anyUnits = fc.string({
    unit: fc.nat(0xffff).map((unit) => String.fromCharCode(unit)),
    maxLength: 100,
  })
  fc.assert(
    fc.property(fc.oneof(anyUnits, fc.string({ maxLength: 100 }), fc.double(), fc.jsonValue()), (value) => {
      expect(jsonText(value)).toBe(value === null ? null : JSON.stringify(value))
    }),
    { seed: 7, numRuns: 3000 },
  )
})
