import { TurnEnd } from '../../../lib/scheduling/turnEnd'

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
