import { IdleTime, TurnEnd } from '../../../lib/scheduling/eventLoop'

test('what the loop idles is no idleTime while something waits for a worker', () => {
  let idle = 0
  const idleTime = new IdleTime(() => idle)
  idle = 10
  expect(idleTime.ms()).toBe(10)
  idleTime.waits(true)
  idle = 25
  expect(idleTime.ms()).toBe(10)
  idleTime.waits(false)
  idle = 30
  expect(idleTime.ms()).toBe(15)
})

test('it rests again when the last of those who wait has stopped', () => {
  let idle = 0
  const idleTime = new IdleTime(() => idle)
  idleTime.waits(true)
  idleTime.waits(true)
  idle = 5
  idleTime.waits(false)
  idle = 8
  expect(idleTime.ms()).toBe(0)
  idleTime.waits(false)
  idle = 9
  expect(idleTime.ms()).toBe(1)
})

const turn = () => new Promise<void>((resolve) => setImmediate(resolve))

describe('the end of a turn of the event loop', () => {
  it('calls what a start asks for in the same turn, after the promises that it settles', async () => {
    const turnEnd = new TurnEnd(setImmediate)
    const order: string[] = []
    turnEnd.start(() => {
      setImmediate(() => order.push('next turn'))
      turnEnd.call(() => order.push('asked at once'))
      Promise.resolve()
        .then(() => {})
        .then(() => {
          order.push('settled')
          turnEnd.call(() => order.push('asked by a promise'))
        })
    })
    await turn()
    await turn()
    expect(order).toEqual(['settled', 'asked at once', 'asked by a promise', 'next turn'])
  })

  it('calls what is asked for elsewhere once, at the end of that turn', async () => {
    const turnEnd = new TurnEnd(setImmediate)
    const call = jest.fn()
    turnEnd.call(call)
    expect(call).not.toHaveBeenCalled()
    await turn()
    expect(call).toHaveBeenCalledTimes(1)
    await turn()
    expect(call).toHaveBeenCalledTimes(1)
  })

  it('leaves to the next turn what is asked for by what follows a start', async () => {
    const turnEnd = new TurnEnd(setImmediate)
    const order: string[] = []
    const again = () => {
      if (order.push('called') < 3) turnEnd.call(again)
    }
    turnEnd.start(() => turnEnd.call(again))
    await turn()
    expect(order).toHaveLength(1)
    await turn()
    await turn()
    expect(order).toHaveLength(3)
  })
})
