import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { loadConfig } from '../../../cli/config/config'
import { LoadError } from '../../../lib/errors'

function written(text: string): string {
  const file = join(mkdtempSync(join(tmpdir(), 'presage-config-')), 'presage.yaml')
  writeFileSync(file, text)
  return file
}

function problemsOf(text: string): readonly string[] {
  const file = written(text)
  try {
    loadConfig(file)
  } catch (error) {
    if (error instanceof LoadError)
      return error.problems.map((problem) => problem.replace(file, 'presage.yaml'))
    throw error
  }
  return []
}

describe('settings of servers elsewhere', () => {
  it('are refused for a shard without such servers', () => {
    const says =
      'must be combined with endpoints, dns, kubernetes or redis, got none: the shard runs in this process'
    expect(
      problemsOf(
        'shards: { main: {}, far: { protocol: grpc, tls: true, calls: 2, copies: 1, cancel: rpc } }',
      ),
    ).toEqual(
      ['protocol', 'tls', 'calls', 'copies', 'cancel'].map(
        (key) => `presage.yaml: shards.far.${key}: ${says}`,
      ),
    )
    expect(problemsOf('shards: { far: { endpoints: ["10.0.0.5:8000"], tls: true, copies: 1 } }')).toEqual([])
  })
})

describe('the memory of worker processes', () => {
  const memoryOf = (shard: string) =>
    loadConfig(written(`shards: { main: { ${shard} } }`)).shards['main'].memory

  it('is a size with its unit, or bytes', () => {
    expect(memoryOf('kind: process, memory: 1.5GiB')).toBe(1.5 * 2 ** 30)
    expect(memoryOf('kind: process, memory: 256MiB')).toBe(2 ** 28)
    expect(memoryOf('kind: process, memory: 300000000')).toBe(300_000_000)
  })

  it('is their share of half of what the machine has, unless it is said', () => {
    const one = memoryOf('kind: process, workers: 1')!
    expect(one).toBeGreaterThanOrEqual(2 ** 29)
    expect(memoryOf('kind: process, workers: 2')).toBe(Math.max(2 ** 29, Math.floor(one / 2)))
    expect(memoryOf('kind: process, workers: 10000')).toBe(2 ** 29)
  })

  it('is nothing that threads have', () => {
    expect(memoryOf('kind: thread')).toBeUndefined()
    expect(problemsOf('shards: { main: { memory: 1GiB } }')).toEqual([
      'presage.yaml: shards.main.memory: must be combined with kind: process, got 1073741824 bytes for threads',
    ])
  })

  it('is refused where it is none, or less than a process takes by itself', () => {
    const expectation = 'must be a size such as 512MiB or 2GiB, or a whole number of bytes'
    expect(problemsOf('shards: { main: { kind: process, memory: 1GB } }')).toEqual([
      `presage.yaml: shards.main.memory: ${expectation}, got "1GB"`,
    ])
    expect(problemsOf('shards: { main: { kind: process, memory: 100MiB } }')).toEqual([
      'presage.yaml: shards.main.memory: must be a size from 128MiB on, got "100MiB"',
    ])
  })
})

it('has a value for everything', () => {
  const file = written('{}')
  const config = loadConfig(file)
  expect(config).toMatchObject({
    server: {
      host: '127.0.0.1',
      port: 4000,
      timeout: 1000,
      grace: 10_000,
      introspection: true,
      ide: true,
      cors: { origins: ['https://studio.apollographql.com'] },
    },
    repositories: [dirname(file)],
    rules: join(dirname(file), 'rules.yaml'),
    shards: { main: { kind: 'thread', workers: expect.any(Number), inline: 'auto', stallAfter: 2000 } },
    context: {},
    limits: {
      bodyBytes: 1_048_576,
      operations: 1,
      tokens: 20_000,
      fields: 1000,
      rootFields: 100,
      depth: 40,
      directives: 100,
      listArguments: 1000,
      predictionAliases: 100,
      predictionRows: 10_000,
      newOperations: 50,
    },
    log: { level: 'warn' },
    platform: false,
    tryModel: false,
  })
  expect(config.shards.main.workers).toBeGreaterThanOrEqual(1)
})

it('reads paths from the folder of the file, and durations in their units', () => {
  const file = written(
    '{ server: { timeout: 250ms, grace: 2m }, repositories: [models], subgraphs: { a: { b: c.json } } }',
  )
  const config = loadConfig(file)
  expect(config.server).toMatchObject({ timeout: 250, grace: 120_000 })
  expect(config.repositories).toEqual([join(dirname(file), 'models')])
  expect(config.subgraphs).toEqual({ a: { b: join(dirname(file), 'c.json') } })
})

test.each([
  ['server.timeout', 'server: { timeout: 0s }'],
  ['models.poll', 'models: { poll: 0.0s }'],
  ['shards.main.stallAfter', 'shards: { main: { stallAfter: 0s } }'],
  ['shards.far.dns.poll', 'shards: { far: { dns: { name: r, port: 1, poll: 0s } } }'],
  ['gateway.timeout', 'gateway: { timeout: 0s }'],
  ['gateway.poll', 'gateway: { poll: 0s }'],
  ['gateway.all.timeout', 'gateway: { all: { timeout: 0s } }'],
  ['gateway.subgraphs.a.timeout', 'gateway: { subgraphs: { a: { timeout: 0s } } }'],
  ['rules.prepareTimeout', 'rules: { prepareTimeout: 0s }'],
  ['shadows.deadline', 'shadows: { deadline: 0s }'],
  ['cache.store.timeout', 'cache: { store: { redis: "redis://r", timeout: 0s } }'],
  ['console.scrape', 'console: { prometheus: "http://p:9090", scrape: 0s }'],
])('%s leaves some time', (path, text) => {
  const [, got] = /(0\.?0?s)/.exec(text)!
  expect(problemsOf(text)).toEqual([`presage.yaml: ${path}: must be a duration above 0, got "${got}"`])
})

it('takes 0 where that means not to wait, or not to keep', () => {
  const config = loadConfig(
    written('{ server: { grace: 0s }, worker: { drain: 0s }, routes: { lifetime: 0s } }'),
  )
  expect([config.server.grace, config.worker.drain, config.routes.lifetime]).toEqual([0, 0, 0])
})

describe('context and trust', () => {
  const jwt = 'jwt: { issuer: i, audience: a, jwks: keys.json }'

  it('a key with a header alone is from the edge, and the edge is this machine', () => {
    const { context, trust } = loadConfig(written('{ context: { member: { header: x-member } } }'))
    expect(context).toEqual({ member: { from: 'edge', header: 'x-member', type: 'string' } })
    expect(trust).toEqual({
      envelopeKey: '',
      trustedProxies: ['127.0.0.0/8', '::1'],
      roles: { claim: 'roles' },
    })
  })

  it('a key from a token has the claim of its name', () => {
    const file = written(`{ context: { tenant: { from: token } }, trust: { ${jwt} } }`)
    const { context, trust } = loadConfig(file)
    expect(context).toEqual({ tenant: { from: 'token', claim: 'tenant', type: 'string' } })
    expect(trust.jwt).toEqual({
      issuer: 'i',
      audience: 'a',
      algorithms: ['RS256', 'ES256'],
      jwks: join(dirname(file), 'keys.json'),
      place: expect.stringMatching(/presage\.yaml$/),
    })
  })

  const variable = (name: string) => `\${env.PRESAGE_TEST_${name}}`

  it('a variable may stand for a number, or for true or false', () => {
    process.env['PRESAGE_TEST_NUMBER'] = '4100'
    process.env['PRESAGE_TEST_FLAG'] = 'false'
    const number = `"${variable('NUMBER')}"`
    const flag = `"${variable('FLAG')}"`
    const { server, shards, ruleStore, trust } = loadConfig(
      written(
        `{ server: { port: ${number}, ide: ${flag}, grace: "${variable('UNSET:-3s')}" }, shards: { main: { workers: ${number} } }, rules: { follow: ${flag}, node: ${number} }, trust: { envelopeKey: "${'1'.repeat(20)}" } }`,
      ),
    )
    expect([server.port, server.ide, server.grace, shards['main'].workers, ruleStore.follow]).toEqual([
      4100,
      false,
      3000,
      4100,
      false,
    ])
    // Where text is asked for, it stays text.
    expect([ruleStore.node, trust.envelopeKey]).toEqual(['4100', '1'.repeat(20)])
  })

  it.each([
    [variable('UNSET:-many'), '"many"'],
    [variable('UNSET:-70000'), '70000'],
    [`7${variable('UNSET:-0')}`, '"70"'],
    ['4000', '"4000"'],
  ])('but %s is no port', (text, got) => {
    expect(() => loadConfig(written(`{ server: { port: "${text}" } }`))).toThrow(
      `server.port: must be a whole number from 0 to 65535, got ${got}`,
    )
  })

  it('nor for the whole file', () => {
    expect(() => loadConfig(written(variable('UNSET:-many')))).toThrow('must be an object, got "many"')
  })

  it('texts may name variables of the environment', () => {
    process.env['PRESAGE_TEST_KEY'] = 'old-key-0123456789'
    const name = (variable: string) => `\${env.${variable}}`
    const { trust } = loadConfig(
      written(`{ trust: { envelopeKey: "new-key-0123456789 ${name('PRESAGE_TEST_KEY')}" } }`),
    )
    expect(trust.envelopeKey).toBe('new-key-0123456789 old-key-0123456789')
  })

  it.each([
    [
      'context: { member: {} }',
      'context.member.header: must name the header that it comes from, got nothing',
    ],
    ['context: { tenant: { header: x-tenant } }', 'context.tenant.from: must be token, got edge'],
    ['context: { role: { from: client, header: x-role } }', 'context.role.from: must be token, got client'],
    [
      'context: { a: { from: client, header: x-a, claim: a } }',
      'context.a.claim: must be used with from: token only, got from: client',
    ],
    ['context: { a: { from: token } }', 'context.a.from: must not be token without trust.jwt, got token'],
    [
      `context: { a: { from: token, header: x-a } }, trust: { ${jwt} }`,
      'context.a.header: must not be combined with from: token, which reads a claim',
    ],
    [
      'trust: { envelopeKey: secret }',
      'trust.envelopeKey: must hold keys of at least 16 characters, got one of 6',
    ],
    [
      'trust: { trustedProxies: [10.0.0.0/99] }',
      'trust.trustedProxies.0: must be an address such as 10.0.0.7, or a network such as 10.0.0.0/8, got "10.0.0.0/99"',
    ],
    ['trust: { jwt: { issuer: i, audience: a } }', 'trust.jwt: must have jwks or publicKey, got neither'],
    [
      'trust: { jwt: { issuer: i, audience: a, jwks: "http://keys.example.com" } }',
      'trust.jwt.jwks: must be a file, or a URL with https (http on this machine only), got "http://keys.example.com"',
    ],
    [
      'trust: { jwt: { issuer: i, audience: a, jwks: "http://127.keys.example.com" } }',
      'trust.jwt.jwks: must be a file, or a URL with https (http on this machine only), got "http://127.keys.example.com"',
    ],
    [
      'trust: { jwt: { issuer: i, audience: a, jwks: k, algorithms: [HS256] } }',
      'trust.jwt.algorithms.0: must be an algorithm with a public key, such as RS256 or ES256, got "HS256"',
    ],
  ])('refuses %s', (text, problem) => {
    expect(problemsOf(`{ ${text} }`)).toEqual([`presage.yaml: ${problem}`])
  })
})

it('reads the file of trusted documents from its own folder, and knows the levels of the log', () => {
  const file = written(
    '{ trustedDocuments: { file: ops.json, only: true }, log: { level: debug, pretty: false } }',
  )
  expect(loadConfig(file)).toMatchObject({
    trustedDocuments: { file: join(dirname(file), 'ops.json'), only: true },
    log: { level: 'debug', pretty: false },
  })
  expect(problemsOf('{ trustedDocuments: { only: true }, log: { level: loud, pretty: "no" } }')).toEqual([
    'presage.yaml: log.level: must be debug or info or warn or error, got "loud"',
    'presage.yaml: log.pretty: must be true or false, got "no"',
    'presage.yaml: trustedDocuments.file: must be text, got nothing',
  ])
})

it('is frozen', () => {
  const config = loadConfig(written('{}'))
  expect(() => Object.assign(config.server, { port: 1 })).toThrow(TypeError)
})

it('refuses durations that no timer can wait for, and units that there are not', () => {
  const text = 'server:\n  timeout: 40000m\nrules:\n  file: rules.yaml\n  prepareTimeout: 1h\n'
  expect(problemsOf(text)).toEqual([
    'presage.yaml:2: server.timeout: must be a duration of at most 17280m, got "40000m"',
    'presage.yaml:5: rules.prepareTimeout: must be a duration in ms, s or m, such as 200ms, 1s or 2m, got "1h"',
  ])
})

it('takes durations of which two fit in one timer, with an hour to spare', () => {
  const { server, worker } = loadConfig(written('server: { grace: 17280m }\nworker: { drain: 17280m }'))
  expect(server.grace + worker.drain + 3_600_000).toBeLessThan(2 ** 31)
  expect(problemsOf('server: { grace: 17281m }')).toEqual([
    'presage.yaml: server.grace: must be a duration of at most 17280m, got "17281m"',
  ])
})

it('names the path of every error, all at once', () => {
  const text = `
server: { port: 70000, timeout: 1, cors: { origins: ["https://a.example", "https://b.example/"] } }
shards: { main: { kind: fibre, workers: 0, inline: always } }
context: { member: { header: X-Member } }
limit: {}
tryModel: "yes"
platform: { uri: http://127.0.0.1:4107 }
`
  expect(problemsOf(text)).toEqual([
    'presage.yaml:2: server.port: must be a whole number from 0 to 65535, got 70000',
    'presage.yaml:2: server.timeout: must be a duration in ms, s or m, such as 200ms, 1s or 2m, got 1',
    'presage.yaml:2: server.cors.origins.1: must be an origin such as https://example.com, localhost or "*", got "https://b.example/"',
    'presage.yaml:3: shards.main.kind: must be thread or process, got "fibre"',
    'presage.yaml:3: shards.main.workers: must be a whole number from 1 on, got 0',
    'presage.yaml:3: shards.main.inline: must be auto or never, got "always"',
    'presage.yaml:4: context.member.header: must be a header name in lower case, got "X-Member"',
    'presage.yaml:7: platform.url: must be text, got nothing',
    'presage.yaml:7: platform.uri: is not one of the keys url; did you mean "url"?',
    'presage.yaml:6: tryModel: must be a boolean, got "yes"',
    'presage.yaml:5: limit: is not a known key; did you mean "limits"?',
  ])
})

it('refuses what would never match: wildcards within an origin, and weights of networks', () => {
  const text = `
server:
  cors: { origins: ["*", "https://*.b.example"] }
  fairness: { weights: { "10.0.0.1": 2, "127.0.0.0/8": 2, "2001:db8::/64": 2, "a/8": 2 } }
`
  expect(problemsOf(text)).toEqual([
    'presage.yaml:4: server.fairness.weights.127.0.0.0/8: must be for a tenant, token subject or address, got a network',
    'presage.yaml:4: server.fairness.weights.2001:db8::/64: must be for a tenant, token subject or address, got a network',
    'presage.yaml:3: server.cors.origins.1: must be a whole origin, because only "*" by itself stands for others, got "https://*.b.example"',
  ])
})

it("checks the platform's URL as that of any subgraph", () => {
  expect(problemsOf('platform: { url: nope }')).toEqual([
    'presage.yaml: platform.url: must be a URL such as http://localhost:4001/graphql, got "nope"',
  ])
})

it('says so when there is no such file', () => {
  expect(() => loadConfig('/nowhere/presage.yaml')).toThrow(
    new LoadError(['/nowhere/presage.yaml: must be a readable file, got no such file']),
  )
})

it('says in which folder it looked for a relative path', () => {
  expect(() => loadConfig('none.yaml')).toThrow(
    new LoadError([
      `none.yaml: must be a readable file, got no such file in ${process.cwd()}; run this in the project's folder, or name the file with --config`,
    ]),
  )
})

describe('the console', () => {
  const consoleOf = (text: string) => loadConfig(written(`console: ${text}`)).console

  it('is on, and shows this process, unless something else is said', () => {
    expect(loadConfig(written('{}')).console).toBe(true)
    expect(consoleOf('false')).toBe(false)
    expect(consoleOf('{ prometheus: "http://prometheus:9090" }')).toEqual({
      prometheus: 'http://prometheus:9090',
      scrape: 15_000,
      labels: {},
    })
    expect(consoleOf('{ prometheus: "https://a.example/b", scrape: 1m, labels: { job: shop } }')).toEqual({
      prometheus: 'https://a.example/b',
      scrape: 60_000,
      labels: { job: 'shop' },
    })
  })

  it.each([
    [
      '{ prometheus: "prometheus:9090" }',
      'console.prometheus: must be a URL with http or https, without a user or password',
    ],
    [
      '{ prometheus: "http://me:secret@prometheus" }',
      'console.prometheus: must be a URL with http or https, without a user or password',
    ],
    [
      '{ prometheus: "http://prometheus", scrape: 15 }',
      'console.scrape: must be a duration in ms, s or m, such as 200ms, 1s or 2m',
    ],
    ['on', 'console: must be true, false or { prometheus: its URL, scrape: 15s, labels: { ... } }'],
  ])('%s is refused', (text, problem) => {
    const [found, ...more] = problemsOf(`console: ${text}`)
    expect(more).toEqual([])
    expect(found).toContain(problem)
    expect(found).not.toContain('secret')
  })
})
