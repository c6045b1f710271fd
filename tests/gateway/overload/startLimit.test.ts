import { costOf, StartLimit } from '../../../gateway/overload/clientLimits'

interface State {
  loopIdleMs: number
  isBusy: boolean
}

/** With a client that has used much more than another, and runs so many requests. */
function limitWith({
  running = 0,
  cost = 3,
  ...state
}: Partial<State> & { running?: number; cost?: number }) {
  const { loopIdleMs = 0, isBusy = true } = state
  const limit = new StartLimit({ loopIdleMs: () => loopIdleMs * now, isBusy: () => isBusy })
  for (now = 0; now < 200; now++) {
    limit.start('greedy', now)
    limit.end('greedy', cost, now)
  }
  limit.start('other', now)
  limit.end('other', 1, now)
  for (let n = 0; n < running; n++) limit.start('greedy', now)
  return limit
}

let now = 0

function startedBy(limit: StartLimit, client: string): string {
  limit.start(client, now)
  return client
}

describe('a client crowds the event loop', () => {
  it('while it is over its share of one that is at work half of the time', () => {
    expect(limitWith({ loopIdleMs: 0.45 }).isCrowding('greedy', now)).toBe(true)
    expect(limitWith({ loopIdleMs: 0.55 }).isCrowding('greedy', now)).toBe(false)
    expect(limitWith({ loopIdleMs: 0.45 }).isCrowding('other', now)).toBe(false)
  })

  it('not if it has used less than all others together', () => {
    const limit = limitWith({})
    for (let n = 0; n < 200; n++) limit.end(startedBy(limit, `small ${n}`), 3, now)
    expect(limit.mayStart('greedy', now)).toBe(true)
    expect(limit.isCrowding('greedy', now)).toBe(false)
    expect(limit.isCrowding('small 199', now)).toBe(false)
  })

  it('not where it is alone', () => {
    const limit = new StartLimit({ loopIdleMs: () => 0, isBusy: () => true })
    for (let n = 0; n < 100; n++) {
      limit.start('a', n)
      limit.end('a', 5, n)
    }
    expect(limit.isCrowding('a', 100)).toBe(false)
  })
})

describe('the limit of starts', () => {
  it('lets a client that is over its share run eight requests while the event loop is busy', () => {
    expect(limitWith({ running: 7 }).mayStart('greedy', now)).toBe(true)
    expect(limitWith({ running: 8 }).mayStart('greedy', now)).toBe(false)
  })

  it('lets it run fewer of them if they are large, and always one', () => {
    const cost = costOf({ bodyBytes: 100_000, predictionRows: 0, values: 0 })
    expect(limitWith({ running: 2, cost }).mayStart('greedy', now)).toBe(true)
    expect(limitWith({ running: 3, cost }).mayStart('greedy', now)).toBe(false)
    expect(limitWith({ running: 0, cost: 1000 }).mayStart('greedy', now)).toBe(true)
    expect(limitWith({ running: 1, cost: 1000 }).mayStart('greedy', now)).toBe(false)
  })

  it('lets it run a thousand rows while only the workers are busy', () => {
    const cost = costOf({ bodyBytes: 0, predictionRows: 100, values: 0 })
    expect(limitWith({ running: 9, cost, loopIdleMs: 0.9 }).mayStart('greedy', now)).toBe(true)
    expect(limitWith({ running: 11, cost, loopIdleMs: 0.9 }).mayStart('greedy', now)).toBe(false)
  })

  it('does not hold small requests while only the workers are busy', () => {
    expect(limitWith({ running: 500, cost: 1, loopIdleMs: 0.9 }).mayStart('greedy', now)).toBe(true)
  })

  it('holds nobody while the process has idle time', () => {
    expect(limitWith({ running: 500, isBusy: false }).mayStart('greedy', now)).toBe(true)
  })

  it('does not hold a client that has not used its share', () => {
    const limit = limitWith({ running: 500 })
    for (let n = 0; n < 20; n++) limit.start('other', now)
    expect(limit.mayStart('other', now)).toBe(true)
  })

  it('does not hold a client that is alone', () => {
    const limit = new StartLimit({ loopIdleMs: () => 0, isBusy: () => true })
    for (let n = 0; n < 100; n++) limit.start('a', n)
    limit.end('a', 5, 100)
    expect(limit.mayStart('a', 100)).toBe(true)
  })

  it('lets a client start again when one of its requests has ended', () => {
    const limit = limitWith({ running: 8 })
    limit.end('greedy', 3, now)
    expect(limit.mayStart('greedy', now)).toBe(true)
  })
})
