import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadConfig } from '../../../cli/config/config'
import { openMembers } from '../../../cli/predictions/openMembers'
import { advertisedAddress } from '../../../cli/worker/advertisedAddress'
import { systemClock } from '../../../lib/clock'
import { LoadError } from '../../../lib/errors'

function membersOf(shard: string, rest = ''): unknown {
  const file = join(mkdtempSync(join(tmpdir(), 'presage-config-')), 'presage.yaml')
  writeFileSync(file, `${rest}\nshards:\n  far: { ${shard} }\n`)
  try {
    return loadConfig(file).shards['far'].members
  } catch (error) {
    if (error instanceof LoadError)
      return error.problems.map((problem) => problem.replace(file, 'presage.yaml'))
    throw error
  }
}

const dns = { by: 'dns', poll: 5_000 }
const rulesRedis = 'rules: { store: { redis: "redis://rules:6379" } }'
const cacheRedis = 'cache: { store: { redis: "redis://cache:6379" } }'

it.each([
  ['kind: thread', '', undefined],
  ['endpoints: ["a:1", "b:2"]', '', { by: 'endpoints', addresses: ['a:1', 'b:2'] }],
  ['dns: "ratings.internal:8000"', '', { ...dns, name: 'ratings.internal', port: 8000 }],
  ['dns: _http._tcp.ratings.internal', '', { ...dns, name: '_http._tcp.ratings.internal' }],
  [
    'dns: { name: ratings, port: 80, poll: 1s, server: "10.0.0.2:8600" }',
    '',
    { by: 'dns', name: 'ratings', port: 80, poll: 1_000, server: '10.0.0.2:8600' },
  ],
  [
    'kubernetes: { service: ratings, port: http }',
    '',
    { by: 'kubernetes', service: 'ratings', port: 'http' },
  ],
  ['redis: {}', rulesRedis, { by: 'redis', url: 'redis://rules:6379', name: 'members' }],
  ['redis: { name: shop }', cacheRedis, { by: 'redis', url: 'redis://cache:6379', name: 'shop' }],
  ['redis: {}', `${rulesRedis}\n${cacheRedis}`, { by: 'redis', url: 'redis://rules:6379', name: 'members' }],
  ['redis: { url: "redis://own" }', rulesRedis, { by: 'redis', url: 'redis://own', name: 'members' }],
])('reads %s', (shard, rest, expected) => {
  expect(membersOf(shard, rest)).toEqual(expected)
})

it.each([
  [
    'dns: "a:1", redis: {}',
    'shards.far: must have one of endpoints, dns, kubernetes and redis, got dns and redis',
  ],
  [
    'dns: ratings.internal',
    'shards.far.dns: must be a name and a port such as ratings.internal:8000, a name of ',
  ],
  ['endpoints: ["a:0"]', 'shards.far.endpoints.0: must have a port from 1 to 65535, got "a:0"'],
  [
    'endpoints: ["a:1", "b:65536"]',
    'shards.far.endpoints.1: must have a port from 1 to 65535, got "b:65536"',
  ],
  ['dns: "a:70000"', 'shards.far.dns: must have a port from 1 to 65535, got "a:70000"'],
  ['dns: { name: ratings }', 'shards.far.dns.port: must be given for a name of hosts'],
  [
    'dns: { name: _a._tcp.b, port: 1 }',
    'shards.far.dns.port: must not be given, since SRV records have the ports, got 1',
  ],
  ['dns: { name: a, port: 1, pol: 1s }', 'shards.far.dns.pol'],
  [
    'dns: { name: a, port: 1, server: dns.internal }',
    'shards.far.dns.server: must be an address such as 10.0.0.2, or with its port, such as 10.0.0.2:53, got "dns.internal"',
  ],
  ['dns: { name: a, port: 70000 }', 'shards.far.dns.port: must be a whole number from 1 to 65535, got 70000'],
  ['kubernetes: {}', 'shards.far.kubernetes.service: must be '],
  [
    'kubernetes: { service: Ratings_1 }',
    'shards.far.kubernetes.service: must be the name of a service, got "Ratings_1"',
  ],
  [
    'kubernetes: { service: a, api: "kubectl" }',
    'shards.far.kubernetes.api: must be the URL of an API server such as ',
  ],
  ['redis: {}', 'shards.far.redis.url: must be given where neither the rules nor the cache are in Redis'],
])('refuses %s', (shard, expected) => {
  expect(membersOf(shard)).toEqual([expect.stringContaining(`presage.yaml:3: ${expected}`)])
})

it.each(['10.0.0.2:0', '10.0.0.2:70000', '[fd00::2]:0', '[10.0.0.2]:53', '10.0.0:53'])(
  'refuses %s as a server of DNS',
  (server) => {
    expect(membersOf(`dns: { name: a, port: 1, server: "${server}" }`)).toEqual([
      `presage.yaml:3: shards.far.dns.server: must be an address such as 10.0.0.2, or with its port, such as 10.0.0.2:53, got "${server}"`,
    ])
  },
)

it.each(['10.0.0.2', '::1', 'fd00::0', '[fd00::2]', '[fd00::2]:53'])(
  'takes %s as a server of DNS',
  (server) => {
    expect(membersOf(`dns: { name: a, port: 1, server: "${server}" }`)).toMatchObject({ server })
  },
)

it('has no Kubernetes outside of a pod', () => {
  const members = { by: 'kubernetes', service: 'ratings' } as const
  const open = (more: object) => () =>
    openMembers({ ...members, ...more }, 'far', { clock: systemClock, log: () => {} })
  expect(open({})).toThrow(/shards\.far\.kubernetes: must be used in a pod/)
  expect(open({ api: 'http://127.0.0.1:8001' })).toThrow('shards.far.kubernetes.namespace: must be given')
})

describe('the address that a worker registers', () => {
  const card = (...addresses: string[]) => ({
    lo: [{ address: '127.0.0.1', internal: true }],
    eth0: addresses.map((address) => ({ address, internal: false })),
  })

  it.each([
    [undefined, '10.0.0.5', card(), '10.0.0.5:8000'],
    [undefined, 'fd00::5', card(), '[fd00::5]:8000'],
    [undefined, '0.0.0.0', card('10.0.0.6', 'fd00::6', 'fe80::1'), '10.0.0.6:8000'],
    [undefined, '::', card('fd00::6', 'fe80::1'), '[fd00::6]:8000'],
    ['worker-1', '0.0.0.0', card('10.0.0.6', '172.17.0.1'), 'worker-1:8000'],
    ['[fd00::7]', '0.0.0.0', card(), '[fd00::7]:8000'],
    ['10.0.0.7:443', '0.0.0.0', card(), '10.0.0.7:443'],
  ])('with advertise %s, listening on %s', (advertise, host, interfaces, expected) => {
    expect(advertisedAddress(advertise, host, interfaces)(8000)).toBe(expected)
  })

  it('has to be said where the machine has several', () => {
    expect(() => advertisedAddress(undefined, '0.0.0.0', card('10.0.0.6', '172.17.0.1'))).toThrow(
      'worker.advertise: must be given, since this machine does not have one address, but: 10.0.0.6, 172.17.0.1',
    )
  })
})
