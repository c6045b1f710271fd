import { RecentClients } from '../../../gateway/overload/clientLimits'

describe('recent clients', () => {
  it('has no share for a client that is alone, or unknown', () => {
    const clients = new RecentClients()
    clients.add('a', 100, 0)
    expect(clients.isOverShare('a', 0)).toBe(false)
    expect(clients.isOverShare('b', 0)).toBe(false)
  })

  it('tells who has used more than an equal share', () => {
    const clients = new RecentClients()
    for (const [client, cost] of Object.entries({ a: 10, b: 9, c: 2 })) clients.add(client, cost, 0)
    expect(['a', 'b', 'c'].filter((client) => clients.isOverShare(client, 0))).toEqual(['a', 'b'])
  })

  it('gives a client of more weight a larger share', () => {
    const clients = new RecentClients((client) => (client === 'a' ? 3 : 1))
    clients.add('a', 70, 0)
    clients.add('b', 30, 0)
    expect(clients.isOverShare('a', 0)).toBe(false)
    expect(clients.isOverShare('b', 0)).toBe(true)
  })

  it('counts costs half after a second', () => {
    const clients = new RecentClients()
    clients.add('a', 16, 0)
    clients.add('b', 5, 1_000)
    expect(clients.isOverShare('a', 1_000)).toBe(true)
    clients.add('b', 0, 2_000)
    clients.add('b', 3, 2_000)
    expect(clients.isOverShare('a', 2_000)).toBe(false)
    expect(clients.isOverShare('b', 2_000)).toBe(true)
  })

  it('remembers a client for five seconds after its last request, and forgets it after ten', () => {
    const clients = new RecentClients()
    clients.add('b', 1, 0)
    clients.add('a', 1, 0)
    clients.add('a', 1, 5_000)
    expect(clients.isOverShare('a', 5_000)).toBe(true)
    expect(clients.isOverShare('a', 10_000)).toBe(false)
  })

  it('forgets all whom it has not seen for long', () => {
    const clients = new RecentClients(() => 2)
    for (let n = 0; n < 100; n++) clients.add(`old ${n}`, 1, 0)
    clients.add('a', 2, 60_000)
    clients.add('b', 1, 60_000)
    expect(clients.isOverShare('a', 60_000)).toBe(true)
    expect(clients.isOverShare('b', 60_000)).toBe(false)
  })

  it('knows what a request of a client costs on average', () => {
    const clients = new RecentClients()
    expect(clients.meanOf('a')).toBe(0)
    for (let n = 0; n < 100; n++) clients.add('a', 3, n)
    expect(clients.meanOf('a')).toBeCloseTo(3, 3)
  })
})
