import { UnreadConnections } from '../../../gateway/overload/clientLimits'

class FakeConnection {
  isRead = true
  pause() {
    this.isRead = false
  }
  resume() {
    this.isRead = true
  }
}

describe('unread connections', () => {
  let now: number
  let unread: UnreadConnections
  let connections: FakeConnection[]
  const areRead = () => connections.map(({ isRead }) => isRead)

  beforeEach(() => {
    jest.useFakeTimers()
    now = 0
    unread = new UnreadConnections(() => now)
    connections = [new FakeConnection(), new FakeConnection(), new FakeConnection()]
  })
  afterEach(() => jest.useRealTimers())

  const answered = (one: number, inFlight: number, isLimited = true, client = 'a') =>
    unread.answered(connections[one], client, inFlight, isLimited)

  it('are those of a client that is slowed down and has enough requests in flight', () => {
    answered(0, 16)
    answered(1, 16, false, 'b')
    expect(areRead()).toEqual([false, true, true])
  })

  it('are none while the client has few requests in flight', () => {
    answered(0, 15)
    expect(areRead()).toEqual([true, true, true])
  })

  it('are read by turns when fewer requests are in flight', () => {
    answered(0, 16)
    answered(1, 16)
    answered(2, 15)
    expect(areRead()).toEqual([true, false, false])
    answered(0, 15)
    expect(areRead()).toEqual([false, true, false])
  })

  it('are read again once their client is not slowed down any more', () => {
    answered(0, 16)
    answered(1, 16)
    answered(2, 16, true, 'b')
    answered(1, 16, false)
    expect(areRead()).toEqual([true, true, false])
  })

  it('are read again after a second at the latest', () => {
    answered(0, 16)
    now = 500
    answered(1, 16)
    now = 1_000
    jest.advanceTimersByTime(250)
    expect(areRead()).toEqual([true, false, true])
    now = 1_500
    jest.advanceTimersByTime(250)
    expect(areRead()).toEqual([true, true, true])
    expect(jest.getTimerCount()).toBe(0)
  })

  it('are all read again when the server drains', () => {
    answered(0, 16)
    answered(1, 16, true, 'b')
    unread.resumeAll()
    expect(areRead()).toEqual([true, true, true])
  })
})
