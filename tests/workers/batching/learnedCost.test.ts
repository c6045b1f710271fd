import { LearnedCost } from '../../../workers/batching/schedule'

/** A cost that has seen `runs` runs, of these sizes in turn. */
function learned(ms: (rows: number) => number, sizes: readonly number[], runs: number): LearnedCost {
  const cost = new LearnedCost()
  for (let run = 0; run < runs; run++) {
    const rows = sizes[run % sizes.length]
    cost.observe(rows, ms(rows))
  }
  return cost
}

describe('a learned cost', () => {
  it('promises nothing before the first run', () => {
    expect(new LearnedCost().estimate(1)).toBe(Number.POSITIVE_INFINITY)
  })

  it('tells the fixed part from the rows, and so the cost of sizes that it has not seen', () => {
    const cost = learned((rows) => 0.02 + 0.0015 * rows, [1, 100, 300], 200)
    for (const rows of [1, 32, 600]) {
      expect(cost.estimate(rows)).toBeGreaterThan(0.8 * (0.02 + 0.0015 * rows))
      expect(cost.estimate(rows)).toBeLessThan(1.2 * (0.02 + 0.0015 * rows))
    }
  })

  it('is close after the two runs of a warm-up, and rather too high than too low for single rows', () => {
    const cost = learned((rows) => 0.01 + 0.0015 * rows, [1, 32], 2)
    expect(cost.estimate(32)).toBeCloseTo(0.058, 3)
    expect(cost.estimate(1)).toBeGreaterThan(0.0115)
    expect(cost.estimate(1)).toBeLessThan(0.05)
  })

  it('knows a size that is all it sees, and never falls with the rows', () => {
    const cost = learned(() => 0.2, [100], 1_000)
    expect(cost.estimate(100)).toBeCloseTo(0.2, 6)
    expect(cost.estimate(200)).toBeGreaterThanOrEqual(cost.estimate(100))
    const falling = learned((rows) => 1 / rows, [1, 100], 1_000)
    expect(falling.estimate(100)).toBeGreaterThanOrEqual(falling.estimate(1))
  })

  it('tells with how many rows the fixed part is a small share', () => {
    const cost = learned((rows) => 0.02 + 0.002 * rows, [1, 100, 300], 200)
    expect(cost.rowsFor(0.1)).toBeGreaterThan(0.7 * 90)
    expect(cost.rowsFor(0.1)).toBeLessThan(1.3 * 90)
    expect(cost.rowsFor(0.5)).toBeLessThan(cost.rowsFor(0.1))
    expect(new LearnedCost().rowsFor(0.1)).toBe(Number.POSITIVE_INFINITY)
  })

  it('is moved by a fifth at most by one run that took long', () => {
    const cost = learned(() => 0.1, [10], 50)
    cost.observe(10, 500)
    expect(cost.estimate(10)).toBeGreaterThan(0.1)
    expect(cost.estimate(10)).toBeLessThan(0.125)
  })

  it('believes a model that stays slow, and one that has become fast again', () => {
    const cost = learned(() => 0.1, [10], 50)
    for (let run = 0; run < 40; run++) cost.observe(10, 5)
    expect(cost.estimate(10)).toBeGreaterThan(4.5)
    for (let run = 0; run < 40; run++) cost.observe(10, 0.1)
    expect(cost.estimate(10)).toBeLessThan(0.11)
  })
})
