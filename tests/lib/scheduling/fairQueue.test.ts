import { FairQueue, FairRounds, SenderEntries } from '../../../lib/scheduling/fairQueue'

function queueOf(entries: Record<string, number>, weightOf?: (sender: string) => number) {
  const queue = new FairQueue<string>({ weightOf })
  for (const [sender, count] of Object.entries(entries))
    for (let n = 0; n < count; n++) queue.add(sender, `${sender}${n}`)
  return queue
}

function takeAll(queue: FairQueue<string>, most = Number.POSITIVE_INFINITY): string {
  const taken: string[] = []
  while (queue.size > 0 && taken.length < most) taken.push(queue.take()!)
  return taken.join(' ')
}

describe('a fair queue', () => {
  test('takes from each sender in turn, and of each in the order in which they came', () => {
    expect(takeAll(queueOf({ a: 4, b: 2, c: 1 }))).toBe('a0 b0 c0 a1 b1 a2 a3')
  })

  test('whoever comes last waits for one item of each other', () => {
    const queue = queueOf({ a: 1000 })
    takeAll(queue, 500)
    queue.add('b', 'b0')
    expect(takeAll(queue, 2).split(' ')).toContain('b0')
  })

  test('a sender of weight 3 has three for each of the others', () => {
    const queue = queueOf({ a: 7, b: 3 }, (sender) => (sender === 'a' ? 3 : 1))
    expect(takeAll(queue)).toBe('a0 a1 a2 b0 a3 a4 a5 b1 a6 b2')
  })

  test('what cost more than it paid for is paid in later rounds', () => {
    const queue = queueOf({ a: 3, b: 5 })
    expect(queue.take()).toBe('a0')
    queue.charge('a', 2)
    expect(takeAll(queue)).toBe('b0 b1 b2 a1 b3 a2 b4')
  })

  test('a sender that may have no turn keeps its items, and the others have their turns', () => {
    const queue = queueOf({ a: 3, b: 2, c: 1 })
    const notA = (sender: string) => sender !== 'a'
    expect([queue.take(notA), queue.take(notA), queue.take(notA)].join(' ')).toBe('b0 c0 b1')
    expect(queue.take(notA)).toBeUndefined()
    expect(takeAll(queue)).toBe('a0 a1 a2')
  })

  test('a sender does not wait for its credit while no other may have a turn', () => {
    const queue = queueOf({ a: 2, b: 2, c: 2 })
    queue.charge('c', 1_000)
    let asked = 0
    const onlyC = (sender: string) => asked++ >= 0 && sender === 'c'
    expect([queue.take(onlyC), queue.take(onlyC), queue.take(onlyC)]).toEqual(['c0', 'c1', undefined])
    expect(asked).toBeLessThan(20)
  })

  test('what is next goes before the others of its sender', () => {
    const queue = queueOf({ a: 2, b: 2 })
    queue.add('b', 'first', () => true)
    expect(takeAll(queue)).toBe('a0 first a1 b0 b1')
  })

  test('what is taken out is not taken, and its sender is forgotten when nothing of theirs is left', () => {
    const queue = queueOf({ b: 2 })
    const place = queue.add('a', 'a0')
    queue.remove(place)
    queue.remove(place)
    expect([queue.size, queue.senders, takeAll(queue)]).toEqual([2, 1, 'b0 b1'])
  })

  test('with parts of more than 1, a sender has as much of each round as it may cost', () => {
    const queue = new FairQueue<string>({ part: 100 })
    const waiting = [0, 1, 2].flatMap((n) =>
      ['a', 'b'].map((sender) => ({ name: `${sender}${n}`, place: queue.add(sender, `${sender}${n}`) })),
    )
    const taken: string[] = []
    while (queue.next !== undefined) {
      const { name, place } = waiting.find((one) => one.name === queue.next)!
      queue.charge(name[0], 60)
      queue.remove(place)
      taken.push(name)
    }
    expect(taken.join(' ')).toBe('a0 a1 b0 b1 a2 b2')
  })

  test('alone, nobody waits for their credit', () => {
    const queue = queueOf({ a: 3 })
    queue.take()
    queue.charge('a', 1e9)
    expect(takeAll(queue)).toBe('a1 a2')
  })

  test('is empty when all was taken, and forgets what senders owed', () => {
    const queue = queueOf({ a: 1 })
    queue.take()
    expect(queue.take()).toBeUndefined()
    queue.charge('a', 10)
    queue.add('a', 'x')
    queue.add('b', 'y')
    expect(takeAll(queue)).toBe('x y')
  })
})

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
    const accounts = Reflect.get(rounds, 'accounts') as object
    expect((Reflect.get(accounts, 'entries') as Map<string, unknown>).size).toBeLessThan(140)
  })
})

test('an entry of a sender that is idle is used again; the idle ones go once there are many, and no other', () => {
  let made = 0
  const entries = new SenderEntries(
    (sender) => ({ sender, isUsed: false, number: made++ }),
    ({ isUsed }) => !isUsed,
  )
  const used = entries.getOrMake('used')
  used.isUsed = true
  const first = entries.getOrMake('idle')
  expect(entries.getOrMake('idle')).toBe(first)
  for (let n = 0; n < 62; n++) entries.getOrMake(`one of many ${n}`)
  expect(entries.get('idle')).toBe(first)
  entries.getOrMake('one too many')
  expect(entries.get('idle')).toBeUndefined()
  expect(entries.get('used')).toBe(used)
  expect(made).toBe(65)
})
