import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { nodePlace, openStore } from '../../../cli/rules/openStore'
import { LoadError } from '../../../lib/errors'
import { checkNodeName } from '../../../routing/store/lease'
import { freePort } from '../../support/freePort'
import { configFolder, load as loadText, problemsOf as problemsOfText } from '../writtenConfig'

const load = (rules: string) => loadText(`rules: ${rules}`)
const problemsOf = (rules: string) => problemsOfText(`rules: ${rules}`)

it('a path keeps versions in a folder beside the configuration and follows the file', () => {
  const { rules, ruleStore } = load('own.yaml')
  expect(rules).toBe(join(configFolder, 'own.yaml'))
  expect(ruleStore).toMatchObject({
    place: { kind: 'files', folder: join(configFolder, '.presage/rules') },
    isDefault: true,
    follow: true,
    create: true,
    mutations: false,
    prepareTimeout: 120_000,
  })
})

it('a store in Redis is neither made nor fed from the file unless that is asked for', () => {
  expect(load('{ store: { redis: "redis://r:6379" } }').ruleStore).toMatchObject({
    place: { kind: 'redis', url: 'redis://r:6379', name: 'rules' },
    isDefault: false,
    follow: false,
    create: false,
  })
  const asked = load('{ store: { redis: "redis://r:6379", name: a, create: true }, follow: true }')
  expect(asked.ruleStore).toMatchObject({ place: { name: 'a' }, follow: true, create: true })
})

it('memory and a chosen folder', () => {
  expect(load('{ store: memory }').ruleStore.place).toEqual({ kind: 'memory' })
  expect(load('{ store: { files: versions } }').ruleStore).toMatchObject({
    place: { kind: 'files', folder: join(configFolder, 'versions') },
    isDefault: false,
  })
})

it('every mistake names its path', () => {
  expect(problemsOf('{ store: { files: 4, folder: a }, node: "-a", mutation: true }')).toEqual(
    expect.arrayContaining([
      expect.stringMatching(/^rules.store.files: must be text, got 4$/),
      expect.stringMatching(/^rules.node: must be of letters/),
      expect.stringMatching(/^rules.mutation: is not one of the keys file, follow, store, node/),
    ]),
  )
  expect(problemsOf('{ store: disk }')).toEqual([
    'rules.store: must be memory, { files: folder } or { redis: url }, got "disk"',
  ])
  for (const url of ['http://r:6379', 'r:6379', 'redis://', 'redis:///tmp/redis.sock', 'rediss://?a']) {
    expect(problemsOf(`{ store: { redis: "${url}" } }`)).toEqual([
      `rules.store.redis: must be a URL such as redis://host:6379, or rediss:// for TLS, got "${url}"`,
    ])
  }
  expect(problemsOf('4')).toEqual(['rules: must be the path of a rule file, or a map, got 4'])
})

describe('the URL of a Redis', () => {
  const problemOf = (url: string) => problemsOf(`{ store: { redis: "${url}" } }`)

  test.each(['r', 'r/', 'r:1/15', 'a:b%2F%23@r', 'a:b c@r', 'a@b:c@r'])('may be redis://%s', (rest) => {
    expect(problemOf(`redis://${rest}`)).toEqual([])
  })

  test.each(['/x', '/1/2', '/-1', '/1.5', '/?db=2', '#2'])('may not end with %s', (end) => {
    expect(problemOf(`redis://r:1${end}`)).toEqual([
      `rules.store.redis: must end with its port or the number of a database, such as redis://host:6379/2, got "redis://r:1${end}"`,
    ])
  })

  test.each([
    ['redis://u:secr#et@r:1/2', '"redis://...@r:1/2"'],
    ['redis://u:secr/et@r', '"redis://...@r"'],
    ['redis://:se@cr/et:w@r', '"redis://...@r"'],
    ['redis://u:secr?et@r', '"redis://...@r"'],
    ['redis://:100%secret@r', '"redis://...@r"'],
    ['redis-sentinel://u:secret@r', '"redis-sentinel://...@r"'],
    ['REDIS://u:secret@r', '"REDIS://...@r"'],
    ['u:secret@r', '"...@r"'],
  ])('%s is refused without what stands before its last @, and with how to write that', (url, shown) => {
    const [problem] = problemOf(url)
    expect(problem).toMatch(/%, .* of a password as %25, .*, got /)
    expect(problem.slice(problem.indexOf(', got ') + 6)).toBe(shown)
  })

  it('is not told if it is none at all, since it may be the password alone', () => {
    expect(problemOf('secret')).toEqual([
      'rules.store.redis: must be a URL such as redis://host:6379, or rediss:// for TLS, got "..."',
    ])
  })

  it('is not told with its password where a map with it must be', () => {
    const url = `redis://u:${'s'.repeat(90)}@r`
    expect(problemsOf(`{ store: "${url}" }`)).toEqual([
      'rules.store: must be memory, { files: folder } or { redis: url }, got "redis://...@r"',
    ])
    expect(problemsOf(`{ store: { redis: { url: "${url}" } } }`)).toEqual([
      'rules.store.redis: must be text, got {"url":"redis://...@r"}',
    ])
  })
})

describe('the name of a node', () => {
  it('is the same after a restart where the port is, and has a copy where the store was chosen', () => {
    const { ruleStore } = load('{ store: { redis: "redis://r:6379" } }')
    const place = nodePlace(ruleStore, 'start', 4000)
    expect(place).toEqual(nodePlace(ruleStore, 'start', 4000))
    expect(place.name).toMatch(/^[\w.-]+-start-4000$/)
    expect(place.file).toBe(join(configFolder, `.presage/nodes/${place.name}.json`))
  })

  it('is another one for each process that takes any port, without a copy that nobody would find again', () => {
    const { ruleStore } = load('{ store: { redis: "redis://r:6379" } }')
    const [one, other] = [nodePlace(ruleStore, 'start', 0), nodePlace(ruleStore, 'start', 0)]
    expect(one.name).not.toBe(other.name)
    expect(one.file).toBeUndefined()
  })

  it('is the one of the configuration', () => {
    expect(nodePlace(load('{ node: eu-1 }').ruleStore, 'start', 0).name).toBe('eu-1')
  })

  it.each(['eu-1', 'e'.repeat(100)])(
    'and its copy are other ones for each process that shares the configuration, also named %s',
    (node) => {
      for (const given of [`node: ${node}, `, '']) {
        const { ruleStore } = load(`{ ${given}store: { redis: "redis://r:6379" } }`)
        const places = [1, 2].map((place) => nodePlace(ruleStore, 'start', 4000, { place }))
        for (const [at, { name, file }] of places.entries()) {
          expect(name).toMatch(new RegExp(`-process-${at + 1}$`))
          expect(() => checkNodeName(name)).not.toThrow()
          expect(file).toBe(join(configFolder, `.presage/nodes/${name}.json`))
        }
      }
    },
  )
})

describe('a folder that cannot be had', () => {
  const withFolder = (rules: string) => {
    const { ruleStore } = load(rules)
    writeFileSync(join(configFolder, 'taken'), 'no folder')
    return { ...ruleStore, place: { kind: 'files' as const, folder: join(configFolder, 'taken/rules') } }
  }

  it('is replaced by memory where nobody chose it, and a line says so', async () => {
    const lines: string[] = []
    const store = await openStore(withFolder('rules.yaml'), (line) => lines.push(line))
    expect(store.kind).toBe('memory')
    expect(lines).toEqual([expect.stringMatching(/^rules: versions are kept in memory only, since /)])
    await store.dispose()
  })

  it('is refused where it was chosen', async () => {
    const opened = openStore(withFolder('\n  store:\n    files: a'), () => {})
    await expect(opened).rejects.toThrow(LoadError)
    await expect(opened).rejects.toThrow(
      /presage\.yaml:3: rules\.store\.files: the rule store in \S+rules: ENOTDIR/,
    )
  })
})

it('a Redis that is away is told with the place that names it', async () => {
  const port = await freePort()
  const store = await openStore(
    load(`\n  store:\n    redis: "redis://127.0.0.1:${port}"`).ruleStore,
    () => {},
  )
  await expect(store.head()).rejects.toThrow(
    `presage.yaml:3: rules.store.redis: the rule store at 127.0.0.1:${port}: connect ECONNREFUSED`,
  )
  await store.dispose()
})
