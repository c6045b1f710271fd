import { PresageError } from '../../../lib/errors'
import { casesAlone, mixedRowsProblem } from '../../../models/compile/mixedRows'

describe('a version whose rows depend on their batch', () => {
  it('is looked for with the first and the last case', () => {
    expect([1, 2, 12].map(casesAlone)).toEqual([[], [0, 1], [0, 11]])
  })

  it('is told from one whose batches are rounded otherwise', () => {
    expect(mixedRowsProblem(0, { price: 250_000 }, { price: 250_000.0625 }, [], 1e-5)).toBeUndefined()
    expect(mixedRowsProblem(0, { risk: 0.5 }, { risk: 0.500001 }, [], 0)).toBeUndefined()
    expect(mixedRowsProblem(4, { risk: 0.5 }, { risk: 0.51 }, [], 1e-5)).toBe(
      'case 4 without the others: risk: must be 0.5, got 0.51: its rows depend on the batch that they run in',
    )
    expect(mixedRowsProblem(4, { risk: 0.5 }, { risk: 0.51 }, [], 0.02)).toBeUndefined()
    expect(mixedRowsProblem(4, { price: 250_000 }, { price: 200_000 }, [], 10)).toMatch(
      /must be 250000, got 200000/,
    )
  })

  it('is one that fails for a row only without the others, not one that always fails for it', () => {
    const failed = new PresageError('BAD_OUTPUT', 'risk: must be a number, got NaN')
    const risk = failed
    expect(mixedRowsProblem(1, { risk, a: 1 }, { risk, a: 1 }, [], 1e-5)).toBeUndefined()
    expect(mixedRowsProblem(1, { risk, a: 1 }, { risk, a: 2 }, [], 1e-5)).toMatch(/ a: must be 1, got 2/)
    expect(mixedRowsProblem(1, { risk: 0.5 }, { risk }, [], 1e-5)).toMatch(
      /^case 1 without the others: risk: must be 0.5, got BAD_OUTPUT: /,
    )
  })
})
