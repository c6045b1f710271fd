import { HedgeBudget } from '../../../workers/batching/schedule'

describe('the budget of second runs', () => {
  const spent = (budget: HedgeBudget): number => {
    let count = 0
    while (budget.spend()) count++
    return count
  }

  it('allows a burst, then a share of the batches', () => {
    const budget = new HedgeBudget(10, 0.05)
    expect(spent(budget)).toBe(10)
    for (let batch = 0; batch < 101; batch++) budget.earn()
    expect(spent(budget)).toBe(5)
  })

  it('never saves up more than the burst', () => {
    const budget = new HedgeBudget(2, 0.5)
    for (let batch = 0; batch < 100; batch++) budget.earn()
    expect(spent(budget)).toBe(2)
  })
})
