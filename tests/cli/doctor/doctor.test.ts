import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import type { Config } from '../../../cli/config/config'
import { loadConfig } from '../../../cli/config/config'
import { checkKeys } from '../../../cli/doctor/files'
import { checkRedis } from '../../../cli/doctor/redis'
import { checkRuleFolder } from '../../../cli/doctor/ruleStore'
import type { LoadError } from '../../../lib/errors'
import { openFileStore } from '../../../routing/store/fileStore'
import { openRedisStore } from '../../../routing/store/redisStore'
import { publication } from '../../contracts/ruleStore'
import { brokenRepository } from '../../support/brokenRepository'
import { freePort } from '../../support/freePort'
import { runPresage } from '../../support/presageCommand'
import { presageHere } from '../../support/presageHere'
import { RedisServer } from '../../support/redisServer'
import { startProcess, writeConfig } from '../../support/serverProcess'
import { until } from '../../support/until'

async function found(config: string) {
  const { code, out } = await presageHere(['-c', config, 'doctor', '--json'])
  const { problems, findings } = JSON.parse(out) as {
    problems: number
    findings: { check: string; isOk: boolean; text: string }[]
  }
  expect(findings.filter(({ isOk }) => !isOk)).toHaveLength(problems)
  expect(code).toBe(problems > 0 ? 1 : 0)
  return (check: string) =>
    findings.filter((one) => one.check === check).map(({ isOk, text }) => [isOk, text])
}

const configWith = async (change: object) => {
  const port = await freePort()
  return writeConfig((own) => ({ server: { ...own.server, port }, ...change }))
}

it('finds nothing wrong with the example, a line for each thing', async () => {
  const { code, out } = await runPresage(['-c', await configWith({}), 'doctor'])
  expect(out).toMatch(
    new RegExp(
      [
        '^ok       Node           \\d+\\.\\d+\\.\\d+',
        'ok       ONNX Runtime   onnxruntime-node \\S+ loads, from \\S+',
        'ok       configuration  \\S+presage\\.yaml',
        'ok       addresses      127\\.0\\.0\\.1:\\d+ is free',
        'ok       graph          7 subgraphs, 6 prediction fields, 5 objectives; the supergraph matches the schemas',
        'ok       models         14 versions fit to serve: hashes, signatures and golden cases',
        'no problem\\n$',
      ].join('\\n'),
    ),
  )
  expect(code).toBe(0)
})

it('asks the Prometheus of the console for processes with its labels', async () => {
  const queries: (string | null)[] = []
  const prometheus = createServer(async (message, response) => {
    let body = ''
    for await (const chunk of message) body += chunk
    const asked = new URLSearchParams(body)
    queries.push(asked.get('query'))
    const one = { metric: {}, values: [[Number(asked.get('start')), '1']] }
    response.end(JSON.stringify({ status: 'success', data: { result: [one, one] } }))
  })
  await new Promise<void>((resolve) => prometheus.listen(0, '127.0.0.1', resolve))
  const { port } = prometheus.address() as AddressInfo
  const console = { prometheus: `http://127.0.0.1:${port}`, labels: { job: 'shop' } }
  const of = await found(await configWith({ console }))
  prometheus.close()
  expect(of('Prometheus')).toEqual([
    [true, 'console.prometheus answers, and reads 2 processes of Presage with console.labels now'],
  ])
  expect(queries).toEqual(['presage_event_loop_delay_seconds_count{job="shop"}'])
})

it('goes no further than a configuration that cannot be read', async () => {
  const file = join(mkdtempSync(join(tmpdir(), 'presage-doctor-')), 'presage.yaml')
  writeFileSync(file, 'server:\n  prot: 1\n')
  const of = await found(file)
  expect(of('configuration')).toEqual([
    [false, expect.stringMatching(/presage\.yaml:2: server\.prot: .*; did you mean "port"\?$/)],
  ])
  expect(of('graph')).toEqual([])
})

describe('with everything wrong that can be', () => {
  let taken: Server
  let of: Awaited<ReturnType<typeof found>>
  let port: number
  let free: number
  const folder = mkdtempSync(join(tmpdir(), 'presage-doctor-'))

  beforeAll(async () => {
    taken = createServer()
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve))
    port = (taken.address() as AddressInfo).port
    free = await freePort()
    writeFileSync(join(folder, 'key.pem'), 'no key')
    writeFileSync(join(folder, 'supergraph.graphql'), 'type Query { old: Int }')
    const file = writeConfig((own) => ({
      server: { ...own.server, port },
      graph: { ...own.graph, supergraph: join(folder, 'supergraph.graphql') },
      repositories: [...own.repositories, brokenRepository()],
      cache: { store: { redis: 'redis://user:secret@127.0.0.1:1' } },
      trust: { jwt: { issuer: 'i', audience: 'a', publicKey: join(folder, 'key.pem') } },
      trustedDocuments: { file: join(folder, 'manifest.json'), only: true },
      shards: { ...own.shards, far: { endpoints: ['127.0.0.1:1'] } },
      worker: { http: { port }, grpc: { port: free } },
      console: { prometheus: `http://127.0.0.1:${free}` },
    }))
    of = await found(file)
  })
  afterAll(() => taken.close())

  it('an address in use is named with where to change it', () => {
    expect(of('addresses')).toEqual([
      [
        false,
        expect.stringMatching(
          new RegExp(
            `^127\\.0\\.0\\.1:${port} is in use .*; try presage start --port .*, or server\\.port in \\S+presage\\.yaml:\\d+$`,
          ),
        ),
      ],
    ])
  })

  it('a port of the worker in use by something else is named with where to change it', () => {
    expect(of('worker')).toEqual([
      [
        false,
        expect.stringMatching(
          new RegExp(
            `^127\\.0\\.0\\.1:${port} is in use .*; try presage worker --http-port .*, or worker\\.http\\.port in \\S+:\\d+$`,
          ),
        ),
      ],
    ])
  })

  it('a server of a shard that is away, with why', () => {
    expect(of('shard far')).toEqual([
      [
        false,
        expect.stringMatching(
          /presage\.yaml:\d+: shards\.far\.endpoints\.0: 127\.0\.0\.1:1: must be a server that is ready, got: .*ECONNREFUSED/,
        ),
      ],
    ])
  })

  it('a Prometheus that is away is named, with where it is set', () => {
    expect(of('Prometheus')).toEqual([
      [
        false,
        expect.stringMatching(
          /presage\.yaml:\d+: console\.prometheus: must answer queries, got ECONNREFUSED; start it, or correct the URL$/,
        ),
      ],
    ])
  })

  it('a Redis that is away is named without its password', () => {
    expect(of('Redis')).toEqual([
      [
        false,
        expect.stringMatching(
          /presage\.yaml:\d+: cache\.store\.redis: must be answered, got Redis at 127\.0\.0\.1:1: .*ECONNREFUSED/,
        ),
      ],
    ])
    expect(String(of('Redis'))).not.toContain('secret')
  })

  it('a file that holds no key', () => {
    expect(of('keys')).toEqual([[false, expect.stringContaining('key.pem: must be one public key as PEM')]])
  })

  it('a manifest of documents that is not there, with where it is named', () => {
    expect(of('documents')).toEqual([
      [
        false,
        expect.stringMatching(
          /presage\.yaml:\d+: trustedDocuments\.file: .*manifest\.json: must be a readable file, got no such file$/,
        ),
      ],
    ])
  })

  it('a supergraph that is out of date', () => {
    expect(of('graph')).toEqual([
      [
        false,
        expect.stringMatching(/supergraph\.graphql.*: must match the schemas; run npx presage compose$/),
      ],
    ])
  })

  it('each model version that is not fit to serve', () => {
    expect(of('models').length).toBeGreaterThan(1)
    for (const [isOk, text] of of('models'))
      expect([isOk, text]).toEqual([false, expect.stringMatching(/ is not ready: /)])
  })
})

it('says that a server of this project has its address', async () => {
  const server = await startProcess(writeConfig())
  try {
    const port = Number(new URL(server.url).port)
    const of = await found(writeConfig((own) => ({ server: { ...own.server, port } })))
    expect(of('addresses')).toEqual([
      [true, `a Presage server, probably this project's, runs at 127.0.0.1:${port} already`],
    ])
  } finally {
    await server.stop()
  }
})

describe('keys for tokens', () => {
  const folder = mkdtempSync(join(tmpdir(), 'presage-keys-'))
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const jwkOf = (key: KeyObject) => key.export({ format: 'jwk' })
  const settings = { file: join(folder, 'presage.yaml') }
  writeFileSync(settings.file, '')
  const told = async (
    jwt: { jwks?: string; publicKey?: string },
    content: string,
    algorithms = ['RS256'],
  ) => {
    const [[kind, file]] = Object.entries(jwt)
    writeFileSync(join(folder, file), content)
    const keys = { issuer: 'i', audience: 'a', algorithms, [kind]: join(folder, file) }
    return checkKeys(settings as Config, keys as NonNullable<Config['trust']['jwt']>).catch(
      ({ problems }: LoadError) => problems.join(),
    )
  }
  const none = 'must hold a key for RS256, got none that fits'

  it.each([
    ['no key', {}],
    ['a secret', { kty: 'oct', k: 'c2VjcmV0' }],
    ['an RSA key without its exponent', { ...jwkOf(rsa.publicKey), e: undefined }],
    ['a short RSA key', jwkOf(generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey)],
    ['a key for encryption', { ...jwkOf(rsa.publicKey), use: 'enc' }],
    ['a private key', jwkOf(rsa.privateKey)],
  ])('a set with %s is none', async (name, key) => {
    const keys = name === 'no key' ? [] : [key]
    expect(await told({ jwks: 'keys.json' }, JSON.stringify({ keys }))).toContain(none)
  })

  it('a set with one key that fits is enough, also beside another that fits', async () => {
    const key = jwkOf(rsa.publicKey)
    const keys = [
      { kty: 'oct', k: 'c2VjcmV0' },
      { ...key, kid: 'a' },
      { ...key, kid: 'b' },
    ]
    expect(await told({ jwks: 'keys.json' }, JSON.stringify({ keys }))).toMatch(
      /keys\.json holds keys for tokens$/,
    )
  })

  it('a public key must fit an algorithm, and be no private key', async () => {
    const pem = rsa.publicKey.export({ format: 'pem', type: 'spki' }) as string
    expect(await told({ publicKey: 'key.pem' }, pem)).toMatch(/key\.pem holds keys for tokens$/)
    expect(await told({ publicKey: 'key.pem' }, pem, ['ES256', 'EdDSA'])).toContain(
      'must hold a key for ES256 or EdDSA, got none that fits',
    )
    const secret = rsa.privateKey.export({ format: 'pem', type: 'pkcs8' }) as string
    expect(await told({ publicKey: 'key.pem' }, secret)).toMatch(
      /must be one public key as PEM, got: a private key$/,
    )
  })
})

it('is content with keys that are fetched, and with a Redis that answers', async () => {
  const jwks = createServer((_, response) => response.end('{"keys":[]}'))
  await new Promise<void>((resolve) => jwks.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(jwks.address() as AddressInfo).port}`
  const redis = await RedisServer.start()
  try {
    const of = await found(
      await configWith({
        cache: { store: { redis: redis.url } },
        limits: { shared: { redis: redis.url } },
        trust: { jwt: { issuer: 'i', audience: 'a', jwks: url } },
      }),
    )
    expect(of('keys')).toEqual([[true, `${url} answers with 0 keys`]])
    expect(of('Redis')).toEqual([
      [true, 'cache.store.redis answers'],
      [true, 'limits.shared.redis answers'],
    ])
  } finally {
    await redis.stop()
    jwks.close()
  }
})

describe('a folder with the store of rules', () => {
  const told = async (files: string) => {
    const config = loadConfig(await configWith({ rules: { store: { files } } }))
    return checkRuleFolder(config, files).catch(({ message }: LoadError) => message)
  }
  const folder = () => mkdtempSync(join(tmpdir(), 'presage-doctor-'))

  it('need not be there, and is not made', async () => {
    const parent = folder()
    expect(await told(join(parent, 'own/rules'))).toMatch(
      /rules can be written to, and the first start publishes the rule file there$/,
    )
    expect(readdirSync(parent)).toEqual([])
  })

  it('is fine with an active version, and must have its text', async () => {
    const files = folder()
    const store = await openFileStore({ folder: files })
    await store.create(publication(1))
    expect(await told(files)).toMatch(/and version 1 of the rules is active$/)
    rmSync(join(files, 'versions'), { recursive: true })
    expect(await told(files)).toMatch(/rules\.store\.files: the store has lost the text of version 1: /)
  })

  it('is none where a file is, or in one', async () => {
    const file = join(folder(), 'rules.yaml')
    writeFileSync(file, '')
    const refused = /presage\.yaml:\d+: rules\.store\.files: must be a folder to read and write, got ENOTDIR/
    expect(await told(file)).toMatch(refused)
    expect(await told(join(file, 'rules'))).toMatch(refused)
    const of = await found(await configWith({ rules: { store: { files: file } } }))
    expect(of('rules')).toEqual([[false, expect.stringMatching(refused)]])
  })

  it('must let its files be read', async () => {
    const files = folder()
    mkdirSync(join(files, 'heads/00000001.json'), { recursive: true })
    expect(await told(files)).toMatch(
      /presage\.yaml:\d+: rules\.store\.files: must be a folder to read and write, got .*EISDIR/,
    )
  })
})

describe('a Redis with the store of rules', () => {
  const path = 'rules.store.redis'
  let server: RedisServer
  let redis: Redis
  beforeAll(async () => {
    server = await RedisServer.start()
    redis = new Redis(server.url)
    await redis.config('SET', 'repl-diskless-sync-delay', '0')
  })
  beforeEach(() => redis.flushall())
  afterAll(async () => {
    redis.disconnect()
    await server.stop()
  })

  const told = async (url = server.url, more: object = {}) => {
    const config = loadConfig(await configWith({ rules: { store: { redis: url, ...more } } }))
    return checkRedis(config, { url, path }).catch(({ message }: LoadError) => message)
  }
  const filled = async () => {
    const store = await openRedisStore({ url: server.url, commandTimeoutMs: 5_000 })
    await store.create(publication(1))
    await store.dispose()
  }
  const asUser = async (...allowed: string[]) => {
    await redis.call('acl', 'setuser', 'some', 'reset', 'on', '>secret', '~*', '&*', ...allowed)
    return server.url.replace('://', '://some:secret@')
  }

  it('is fine with an active version, and is left as it was', async () => {
    await filled()
    const before = await redis.get('presage:{rules}:head')
    expect(await told()).toBe(`${path} answers, and version 1 of the rules is active`)
    const documented = ['+@read', '+@write', '+@pubsub', '+@scripting', '+@connection', '+time', '+info']
    expect(await told(await asUser(...documented))).toBe(
      `${path} answers, and version 1 of the rules is active`,
    )
    expect(await redis.get('presage:{rules}:head')).toBe(before)
    expect(await redis.exists('presage:{rules}:nodes')).toBe(0)
  })

  it('without anything, needs what publishes it', async () => {
    expect(await told()).toMatch(
      /presage\.yaml:\d+: rules\.store\.redis: nothing has been published yet; `presage rules publish FILE --create` does$/,
    )
    expect(await told(server.url, { create: true })).toBe(
      `${path} answers, and the first start publishes the rule file there`,
    )
  })

  it('that was lost, in part or as a whole, is told what helps', async () => {
    await filled()
    await redis.del('presage:{rules}:texts')
    expect(await told()).toMatch(
      /redis: the store has lost the text of version 1: `presage rules restore FILE` /,
    )
    await redis.flushall()
    const store = await openRedisStore({ url: server.url })
    await store.remember({ number: 3, epoch: 2 })
    await store.dispose()
    expect(await told()).toMatch(/redis: the store has lost its versions up to 3: `presage rules restore` /)
  })

  it('whose head is none is named', async () => {
    await redis.set('presage:{rules}:head', 'odd')
    expect(await told()).toMatch(
      /must let rules be read and changed, got .*must be the head of a rule store, got/,
    )
  })

  it('must let its user run scripts and write', async () => {
    await filled()
    expect(await told(await asUser('+@read', '+@write', '+@connection', '+info', '+time'))).toMatch(
      /must let rules be read and changed, got the rule store at \S+: NOPERM .*eval.*; its user needs .*\+@scripting/,
    )
    const reader = await asUser('+@read', '+@scripting', '+@connection', '+info', '+time')
    // Before Redis 7, a script that may not write does not say which command it was.
    expect(await told(reader)).toMatch(
      /must let rules be read and changed, got \S.*: (NOPERM .*hdel|ERR .* can't run this command)/,
    )
    expect(await told(reader)).not.toContain('secret')
  })

  it('must not be a replica that only reads', async () => {
    await filled()
    const replica = await RedisServer.start(['--replicaof', '127.0.0.1', String(server.port)])
    try {
      const reader = new Redis(replica.url)
      await until(async () => (await reader.exists('presage:{rules}:head')) === 1)
      reader.disconnect()
      expect(await told(replica.url)).toMatch(/must let rules be read and changed, got .*READONLY/)
    } finally {
      await replica.stop()
    }
  })
})
