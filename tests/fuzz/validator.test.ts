import fc from 'fast-check'
import { compileValidator } from '../../models/validation/validator'
import { objectiveOf } from '../models/support'
import { anyValue } from './arbitraries'

const declarations = [
  '{ type: Int }',
  '{ type: Int, range: [-3, 40], nullable: true }',
  '{ type: Float }',
  '{ type: Float, range: [0.5, 1.0e+39], default: 7 }',
  '{ type: Boolean, nullable: true, onNull: error }',
  '{ type: String, maxLength: 3 }',
  '{ type: ID, nullable: true }',
  '{ type: enum, labels: [A, B], default: A, nullable: true }',
  '{ type: "[Float!]", length: 2 }',
  '{ type: "[Float!]", range: [-1, 1], nullable: true }',
  '{ type: "[Int!]", maxLength: 3 }',
  '{ type: "[ID!]", default: [] }',
  '{ type: "[String!]" }',
  '{ type: "[Boolean!]" }',
]

const specs = declarations.map(
  (declaration) => objectiveOf(`inputs: { f: ${declaration} }\noutputs: { y: { type: Float } }`).inputs[0],
)

const edge = fc.constantFrom<unknown>(
  ...[undefined, null, 0, -0, 1, 1.5, 40, 41, 2 ** 53, 2 ** 128, 3.4028235677973366e38, Number.NaN, Infinity],
  ...['', 'A', 'B', 'abc', 'abcd', '😀😀', '12', true, false],
)
const value = fc.oneof(
  { weight: 4, arbitrary: edge },
  { weight: 4, arbitrary: fc.array(edge, { maxLength: 3 }) },
  { weight: 1, arbitrary: anyValue },
)

test('100,000 columns: one that holds normalized values alone is taken as it is, any other is left as it was', () => {
  let taken = 0
  let changed = 0
  fc.assert(
    fc.property(fc.constantFrom(...specs), fc.array(value, { maxLength: 3 }), (spec, raw) => {
      const validator = compileValidator(spec)
      const before = [...raw]
      const refused: number[] = []
      const validated = validator.column(raw, raw.length, (row) => refused.push(row))
      mustHold(
        raw.every((one, row) => Object.is(one, before[row])),
        'the column is left as it was',
      )
      const same =
        refused.length === 0 && validated.every((normalized, row) => Object.is(normalized, raw[row]))
      mustHold((validated === raw) === same, 'it is taken as it is if all is normalized')
      // What was validated once is validated again, and then as it is.
      if (refused.length === 0 && !validated.includes(null))
        mustHold(
          validator.column(validated, raw.length, (row) => refused.push(row)) === validated,
          'what was validated is taken as it is',
        )
      mustHold(
        refused.every((row) => validated[row] === null),
        'what is refused is null',
      )
      if (same) taken++
      else changed++
    }),
    { seed: 404, numRuns: 100_000 },
  )
  expect(taken).toBeGreaterThan(5_000)
  expect(changed).toBeGreaterThan(5_000)
})

test('a column with fewer values than rows, or more, is not taken as it is', () => {
  for (const spec of specs) {
    const { column } = compileValidator(spec)
    for (const [raw, rows] of [[[], 1] as const, [[null], 2] as const, [[1, 1], 1] as const]) {
      const validated = column(raw, rows, () => {})
      expect(validated).not.toBe(raw)
      expect(validated).toHaveLength(rows)
    }
  }
})

/** As many calls of `expect` would take most of the time. */
function mustHold(isSo: boolean, what: string): void {
  if (!isSo) throw new Error(`must hold: ${what}`)
}
