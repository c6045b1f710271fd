import { LoopTurn } from '../../../lib/scheduling/loopTurn'

function openLoop() {
  let now = 0
  const atEnd: (() => void)[] = []
  const loop = new LoopTurn(
    () => now,
    (callback) => atEnd.push(callback),
  )
  const work = (ms: number) => {
    now += ms
  }
  const turn = () => {
    for (const callback of atEnd.splice(0)) callback()
  }
  return {
    loop,
    work,
    now: () => now,
    turn,
    /** A turn of a busy loop, in which the pause after a share is over. */
    busyTurn() {
      work(1)
      turn()
    },
  }
}

describe('long work', () => {
  test('has its part of a turn, and less of one that was long before', () => {
    const { loop, work, now, turn } = openLoop()
    const first = now()
    expect(loop.isOver(first)).toBe(false)
    work(0.4)
    expect(loop.isOver(first)).toBe(false)
    work(0.2)
    expect(loop.isOver(first)).toBe(true)
    work(4)
    const second = now()
    expect(loop.isOver(second)).toBe(false)
    work(0.3)
    expect(loop.isOver(second)).toBe(true)
    turn()
    const third = now()
    work(0.3)
    expect(loop.isOver(third)).toBe(false)
  })

  test('goes on in later turns, one piece in each, the clients by turns', () => {
    const { loop, busyTurn } = openLoop()
    const went: string[] = []
    for (const client of ['a', 'a', 'a', 'b']) loop.later(client, () => went.push(client))
    expect(went).toEqual([])
    busyTurn()
    expect(went).toEqual(['a'])
    busyTurn()
    expect(went).toEqual(['a', 'b'])
    busyTurn()
    busyTurn()
    busyTurn()
    expect(went).toEqual(['a', 'b', 'a', 'a'])
  })

  test('of one client goes on by turns while it is short, and one after the other when it is long', () => {
    const { loop, busyTurn } = openLoop()
    const went: string[] = []
    const work = (name: string, before: number, after: number) => {
      let parts = before
      const goOn = () => {
        went.push(name)
        if (++parts < after) loop.later('a', goOn, parts)
      }
      loop.later('a', goOn, parts)
    }
    work('long', 20, 24)
    work('longer', 20, 23)
    busyTurn()
    work('short', 0, 3)
    work('shorter', 0, 2)
    for (let n = 0; n < 12; n++) busyTurn()
    expect(went.join(' ')).toBe('long short shorter short shorter short long long long longer longer longer')
  })

  test('each turn has a number of its own once something was asked in it', () => {
    const { loop, turn, now } = openLoop()
    loop.isOver(now())
    const first = loop.number
    turn()
    expect(loop.number).toBe(first + 1)
  })

  test('leaves four turns between its shares, or as many as others fill in a millisecond', () => {
    const { loop, work, turn } = openLoop()
    let shares = 0
    const goOn = () => {
      shares++
      loop.later('a', goOn)
    }
    loop.later('a', goOn)
    turn()
    expect(shares).toBe(1)
    for (let turns = 0; turns < 4; turns++) turn()
    expect(shares).toBe(1)
    turn()
    expect(shares).toBe(2)
    work(0.9)
    turn()
    expect(shares).toBe(2)
    work(0.1)
    turn()
    expect(shares).toBe(3)
  })

  test('that cannot be cut leaves some turns to what it has kept waiting', () => {
    const { loop, turn, busyTurn } = openLoop()
    const went: string[] = []
    loop.laterWhole('a', () => went.push('whole'))
    loop.later('b', () => went.push('part'))
    loop.later('b', () => went.push('part'))
    turn()
    expect(went).toEqual(['whole'])
    for (let turns = 0; turns < 4; turns++) busyTurn()
    expect(went).toEqual(['whole'])
    busyTurn()
    busyTurn()
    expect(went).toEqual(['whole', 'part', 'part'])
  })
})
