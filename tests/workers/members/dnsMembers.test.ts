import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { DnsMembers, type DnsMembersOptions } from '../../../workers/members/dnsMembers'
import { type DnsServer, startDnsServer } from '../../support/dnsServer'
import { FakeClock, settle } from '../../support/fakeClock'
import { until } from '../../support/until'

const name = 'ratings.internal'

let server: DnsServer
let clock: FakeClock
let members: DnsMembers
let lines: string[]

beforeEach(async () => {
  server = await startDnsServer()
  clock = new FakeClock()
  lines = []
})

afterEach(async () => {
  await members.close()
  await server.close()
})

async function open(options: Partial<DnsMembersOptions> = {}): Promise<void> {
  const log = (line: string) => lines.push(line)
  members = new DnsMembers({
    name,
    port: 8000,
    pollMs: 5_000,
    server: server.address,
    clock,
    log,
    ...options,
  })
  await members.tried
}

/** Has the next look-up made, and waits for its end. */
async function looked(ms: number): Promise<void> {
  await until(() => clock.pending === 1)
  clock.advance(ms)
  await until(() => clock.pending === 1)
}

it('has a member at each address of the name, and looks again regularly', async () => {
  server.set('A', name, ['10.0.0.2', '10.0.0.1'])
  server.set('AAAA', name, ['fd00::1'])
  await open()
  expect(members.addresses).toEqual(['10.0.0.1:8000', '10.0.0.2:8000'])
  let changes = 0
  members.changed(() => changes++)
  await looked(5_000)
  expect(changes).toBe(0)
  server.set('A', name, ['10.0.0.2', '10.0.0.3'])
  await looked(5_000)
  expect(members.addresses).toEqual(['10.0.0.2:8000', '10.0.0.3:8000'])
  expect(changes).toBe(1)
})

it('takes addresses of IPv6 where there are no others', async () => {
  server.set('AAAA', name, ['fd00::1'])
  await open()
  expect(members.addresses).toEqual(['[fd00::1]:8000'])
})

it('has the ports of SRV records', async () => {
  const service = '_http._tcp.ratings.internal'
  server.set('SRV', service, ['a.internal:8001', 'b.internal:8002', 'gone.internal:8003'])
  server.set('A', 'a.internal', ['10.0.0.1'])
  server.set('AAAA', 'b.internal', ['fd00::2'])
  await open({ name: service, port: undefined })
  expect(members.addresses).toEqual(['10.0.0.1:8001', '[fd00::2]:8002'])
})

it('looks again when a member has failed, but not more often than once a second', async () => {
  server.set('A', name, ['10.0.0.1'])
  await open()
  await until(() => clock.pending === 1)
  clock.stall(1_000)
  server.set('A', name, ['10.0.0.2'])
  members.doubt()
  members.doubt()
  await looked(0)
  expect(members.addresses).toEqual(['10.0.0.2:8000'])
  expect(server.questions()).toBe(2)
  members.doubt()
  clock.advance(999)
  expect(server.questions()).toBe(2)
  await looked(1)
  expect(server.questions()).toBe(3)
})

it('keeps those that it knew last while the name cannot be resolved', async () => {
  server.set('A', name, ['10.0.0.1'])
  await open()
  server.set('A', name, [])
  await looked(5_000)
  server.setFailing(true)
  await looked(5_000)
  expect(members.addresses).toEqual(['10.0.0.1:8000'])
  expect(members.problem).toBe(`${name} cannot be resolved: ESERVFAIL`)
  server.setFailing(false)
  server.set('A', name, ['10.0.0.1'])
  await looked(5_000)
  const stale = 'the list of its servers is not up to date, the 1 last known stay'
  expect(lines).toEqual([
    `${stale}: ${name} has no addresses`,
    `${stale}: ${name} cannot be resolved: ESERVFAIL`,
    'the list of its servers is up to date again',
  ])
})

it('asks the system without a server of its own', async () => {
  await open({ name: 'localhost', server: undefined })
  expect(members.addresses).toEqual(['127.0.0.1:8000'])
})

it('tells nothing of a look-up that its own end cuts short', async () => {
  const silent = createSocket('udp4').bind(0, '127.0.0.1')
  await once(silent, 'listening')
  void open({ server: `127.0.0.1:${silent.address().port}` })
  await once(silent, 'message')
  await members.close()
  await settle()
  expect(lines).toEqual([])
  silent.close()
})
