import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'

/** What each room may import of ours, beside itself. Down only; see docs/architecture.md. */
const allowed: Readonly<Record<string, readonly string[]>> = {
  lib: [],
  federation: ['lib'],
  models: ['lib'],
  schema: ['lib', 'models', 'federation'],
  routing: ['lib', 'models'],
  workers: ['lib', 'models'],
  serving: ['lib', 'models', 'schema', 'routing', 'workers'],
  subgraphs: ['lib', 'serving'],
  gateway: ['lib', 'federation'],
  telemetry: ['lib'],
  cli: [
    'lib',
    'federation',
    'models',
    'schema',
    'routing',
    'workers',
    'serving',
    'subgraphs',
    'gateway',
    'telemetry',
  ],
}

/** The platform's own subgraph shows the other rooms, so it may read them. */
const alsoAllowed: Readonly<Record<string, readonly string[]>> = {
  'subgraphs/platform': ['models', 'routing', 'schema'],
}

const root = resolve(__dirname, '..')

describe.each(Object.keys(allowed))('%s/', (room) => {
  const files = sources(join(root, room))

  it('has sources', () => {
    expect(files.length).toBeGreaterThan(0)
  })

  it('imports only from rooms below it', () => {
    const upward = files.flatMap((file) => {
      const folder = relative(root, file).split('/').slice(0, 2).join('/')
      const rooms = [room, ...allowed[room], ...(alsoAllowed[folder] ?? [])]
      return imports(file)
        .map((target) => relative(root, target))
        .filter((target) => !rooms.includes(target.split('/')[0]))
        .map((target) => `${relative(root, file)} imports ${target}`)
    })
    expect(upward).toEqual([])
  })
})

it('no subgraph imports another', () => {
  const across = sources(join(root, 'subgraphs')).flatMap((file) => {
    const own = relative(root, file).split('/')[1]
    return imports(file)
      .map((target) => relative(root, target).split('/'))
      .filter(([room, name]) => room === 'subgraphs' && name !== own)
      .map((target) => `${relative(root, file)} imports ${target.join('/')}`)
  })
  expect(across).toEqual([])
})

it.each([
  ['onnxruntime-node', ['workers/onnx.ts']],
  ['undici', ['gateway/connectionPool.ts']],
  ['ioredis', ['routing/store/redisConnection.ts']],
  ['jose', ['gateway/tokenVerifier.ts']],
  ['prom-client', ['telemetry/prometheus.ts']],
  ['pino', ['telemetry/jsonLog.ts']],
  ['semver', ['routing/predicates/semver.ts']],
])('only the file for it imports %s', (library, expected) => {
  const users = Object.keys(allowed)
    .flatMap((room) => sources(join(root, room)))
    .filter((file) =>
      new RegExp(`from '${library}'|require\\('${library}'\\)`).test(readFileSync(file, 'utf8')),
    )
    .map((file) => relative(root, file))
  expect(users).toEqual(expected)
})

function sources(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name)
    if (statSync(path).isDirectory()) return sources(path)
    return path.endsWith('.ts') ? [path] : []
  })
}

function imports(file: string): string[] {
  const text = readFileSync(file, 'utf8')
  return [...text.matchAll(/(?:from|import|require\()\s*'(\.{1,2}\/[^']+)'/g)].map((match) =>
    resolve(file, '..', match[1]),
  )
}
