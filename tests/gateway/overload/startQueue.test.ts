import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { StartQueue, type StartQueueOptions } from '../../../gateway/overload/startQueue'
import { nextTurn } from '../../../lib/scheduling/turns'

function createStartQueue(most: number, options: Partial<StartQueueOptions> = {}) {
  const atEnd: (() => void)[] = []
  const begun: number[] = []
  let waits = 0
  const startQueue = new StartQueue({
    startsPerTurn: () => most,
    atEndOfTurn: (callback) => atEnd.push(callback),
    ...options,
  })
  return {
    begun,
    startQueue,
    come: (count = 1, client = 'a') => {
      for (let n = 0; n < count; n++) {
        const one = waits++
        startQueue.add({ client, proceed: () => begun.push(one) })
      }
    },
    pass: startQueue.add.bind(startQueue),
    isWatching: () => atEnd.length > 0,
    turn: () => {
      for (const callback of atEnd.splice(0)) callback()
    },
  }
}

const upTo = (count: number) => Array.from({ length: count }, (_, n) => n)

describe('a startQueue', () => {
  it('lets so many begin at once, and the others in the next turns, in the order in which they came', () => {
    const { come, begun, turn } = createStartQueue(3)
    come(8)
    expect(begun).toEqual(upTo(3))
    turn()
    expect(begun).toEqual(upTo(6))
    come()
    expect(begun).toEqual(upTo(6))
    turn()
    expect(begun).toEqual(upTo(9))
    turn()
    come(2)
    expect(begun).toEqual(upTo(11))
  })

  it('lets a client that comes after the many of another begin in the next turn', () => {
    const { come, begun, turn } = createStartQueue(2)
    come(100)
    turn()
    come(1, 'b')
    turn()
    expect(begun).toContain(100)
  })

  it('has a client wait for what its requests have cost', () => {
    const { come, begun, turn, startQueue } = createStartQueue(1)
    come(4)
    come(3, 'b')
    startQueue.charge('a', 3)
    for (let n = 0; n < 5; n++) turn()
    expect(begun).toEqual([0, 4, 5, 6, 1, 2])
  })

  it('lets a client of more weight begin more often', () => {
    const { come, begun, turn } = createStartQueue(1, { weightOf: (client) => (client === 'b' ? 2 : 1) })
    come(4)
    come(4, 'b')
    for (let n = 0; n < 5; n++) turn()
    expect(begun).toEqual([0, 1, 4, 5, 2, 6])
  })

  it('lets nobody pass those who wait, even if more may begin', () => {
    const { come, begun, turn, pass } = createStartQueue(2)
    come(2)
    pass({ client: 'a', proceed: () => come() })
    come()
    turn()
    expect(begun).toEqual([0, 1, 2])
    turn()
    expect(begun).toEqual([0, 1, 2, 3])
  })

  it('looks at turns only while somebody comes or waits', () => {
    const { come, isWatching, turn } = createStartQueue(1)
    expect(isWatching()).toBe(false)
    come(3)
    for (let n = 0; n < 3; n++) {
      expect(isWatching()).toBe(true)
      turn()
    }
    turn()
    expect(isWatching()).toBe(false)
  })

  describe('with a client that may not start', () => {
    let held: Set<string>
    const create = (most = 10) => {
      held = new Set(['a'])
      return createStartQueue(most, { mayStart: (client) => !held.has(client) })
    }

    it('has its requests wait until it may, and looks at no turns meanwhile', () => {
      const { come, begun, turn, isWatching, startQueue } = create()
      come(3)
      turn()
      expect(isWatching()).toBe(false)
      held.clear()
      startQueue.resume()
      turn()
      expect(begun).toEqual([0, 1, 2])
    })

    it('lets others begin at once', () => {
      const { come, begun, turn } = create()
      come(3)
      turn()
      come(2, 'b')
      expect(begun).toEqual([3, 4])
    })

    it('keeps the order of its requests when it may again', () => {
      const { come, begun, turn, startQueue } = create()
      come(2)
      turn()
      held.clear()
      startQueue.resume()
      come()
      turn()
      expect(begun).toEqual([0, 1, 2])
    })

    it('asks again after each start whether the next may begin', () => {
      const begun: number[] = []
      const { startQueue, turn } = createStartQueue(10, { mayStart: () => begun.length < 2 })
      for (let n = 0; n < 5; n++) startQueue.add({ client: 'a', proceed: () => begun.push(n) })
      turn()
      expect(begun).toEqual([0, 1])
    })

    it('forgets a request that is removed', () => {
      const { come, begun, turn, startQueue } = create()
      const place = startQueue.add({ client: 'a', proceed: () => begun.push(-1) })
      come()
      startQueue.remove(place!)
      startQueue.remove(place!)
      held.clear()
      startQueue.resume()
      turn()
      expect(begun).toEqual([0])
    })
  })

  it('rounds a number that is no whole one up', () => {
    const { come, begun } = createStartQueue(2.5)
    come(9)
    expect(begun).toEqual(upTo(3))
  })

  it('keeps its order while others never cease to wait', () => {
    const { come, begun, turn } = createStartQueue(10)
    for (let n = 0; n < 1_000; n++) {
      come(20)
      turn()
    }
    expect(begun.length).toBeGreaterThan(9_000)
    expect(begun).toEqual(upTo(begun.length))
  })

  it('does not keep what has begun while others wait', async () => {
    const { pass, turn, come } = createStartQueue(1)
    const collectGarbage = exposeCollector()
    let hasBegun = false
    const one = () => {
      const waiting = { client: 'a', proceed: () => (hasBegun = true) }
      pass(waiting)
      return new WeakRef(waiting)
    }
    come()
    const begun = one()
    come(5)
    turn()
    expect(hasBegun).toBe(true)
    // A WeakRef keeps what it was made of, or was asked for, until its turn of the loop is over; one collection may not be all.
    for (let turns = 0; turns < 10 && begun.deref() !== undefined; turns++) {
      await nextTurn()
      collectGarbage()
    }
    expect(begun.deref()).toBeUndefined()
  })
})

function exposeCollector(): () => void {
  setFlagsFromString('--expose-gc')
  return runInNewContext('gc')
}
