import { FairRounds } from '../../../lib/scheduling/fairRounds'

/** Who goes next, `turns` times, of those in the earliest round the first; each turn costs what is given. */
function order(rounds: FairRounds, costs: Record<string, number>, turns: number): string {
  let taken = ''
  for (let n = 0; n < turns; n++) {
    const [next] = Object.keys(costs).sort((one, other) => rounds.roundOf(one) - rounds.roundOf(other))
    rounds.enter(rounds.roundOf(next))
    rounds.charge(next, costs[next])
    taken += next
  }
  return taken
}

describe('fair rounds', () => {
  test('give each sender its share of a round, then begin the next', () => {
    expect(order(new FairRounds(() => 1, 2), { a: 1, b: 1 }, 8)).toBe('aabbaabb')
  })

  test('count what was more than the share in later rounds, by weight', () => {
    expect(order(new FairRounds(() => 1, 1), { a: 3, b: 1 }, 8)).toBe('abbbabbb')
    expect(order(new FairRounds((sender) => (sender === 'a' ? 3 : 1), 1), { a: 3, b: 1 }, 6)).toBe('ababab')
  })

  test('save nothing for whoever was away', () => {
    const rounds = new FairRounds(() => 1, 1)
    order(rounds, { a: 1 }, 500)
    expect(order(rounds, { a: 1, b: 1 }, 6)).toMatch(/^(ab|ba){3}$/)
  })

  test('let nobody owe for ever', () => {
    const rounds = new FairRounds(() => 1, 1)
    rounds.charge('a', 1e9)
    expect(order(rounds, { a: 1, b: 1 }, 1001)).toBe(`${'b'.repeat(1000)}a`)
  })

  test('forget those who owe nothing, and nobody else', () => {
    const rounds = new FairRounds(() => 1, 1)
    rounds.charge('debtor', 900)
    for (let n = 0; n < 500; n++) {
      rounds.charge(`passer-by ${n}`, 1)
      rounds.enter(n + 1)
    }
    expect(rounds.roundOf('debtor')).toBe(900)
    expect((Reflect.get(rounds, 'accounts') as Map<string, unknown>).size).toBeLessThan(140)
  })
})
