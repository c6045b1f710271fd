import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'

/** What each room may import of ours, beside itself. Down only; see docs/architecture.md. */
const allowed: Readonly<Record<string, readonly string[]>> = {
  lib: [],
  federation: ['lib'],
  models: ['lib'],
  schema: ['lib', 'models', 'federation'],
  routing: ['lib', 'models'],
  workers: ['lib', 'models'],
  serving: ['lib', 'models', 'schema', 'routing', 'workers'],
  platform: ['lib', 'models', 'schema', 'routing', 'serving'],
  subgraphs: ['lib', 'serving'],
  inference: ['lib', 'models', 'workers', 'serving', 'gateway'],
  gateway: ['lib', 'federation'],
  telemetry: ['lib'],
  console: ['lib'],
  cli: [
    'lib',
    'federation',
    'models',
    'schema',
    'routing',
    'workers',
    'serving',
    'platform',
    'inference',
    'gateway',
    'telemetry',
    'console',
  ],
}

const root = resolve(__dirname, '..')

const mostFiles = 16
const strategies = ['models/preprocess', 'models/postprocess']

describe.each(Object.keys(allowed))('%s/', (room) => {
  const files = sources(join(root, room))

  it('has sources', () => {
    expect(files.length).toBeGreaterThan(0)
  })

  it('imports only from rooms below it', () => {
    const upward = files.flatMap((file) => {
      const rooms = [room, ...allowed[room]]
      return imports(file)
        .map((target) => relative(root, target))
        .filter((target) => !rooms.includes(target.split('/')[0]))
        .map((target) => `${relative(root, file)} imports ${target}`)
    })
    expect(upward).toEqual([])
  })
})

describe.each(Object.keys(allowed))('within %s/', (room) => {
  const files = sources(join(root, room)).map((file) => relative(root, file))
  const imported = new Map(
    files.map((file) => [file, importedFiles(file).filter((target) => target.startsWith(`${room}/`))]),
  )

  it('no file imports itself by way of others, types included', () => {
    expect(circles(imported)).toEqual([])
  })

  it('no folder imports one that imports it', () => {
    const folders = new Map<string, string[]>()
    for (const [file, targets] of imported) {
      const others = targets.map(folderOf).filter((folder) => folder !== folderOf(file))
      folders.set(folderOf(file), [...(folders.get(folderOf(file)) ?? []), ...others])
    }
    expect(circles(folders)).toEqual([])
  })

  it('no folder has more files than one can take in, but for those with one strategy a file', () => {
    const counts = new Map<string, number>()
    for (const file of files) counts.set(dirname(file), (counts.get(dirname(file)) ?? 0) + 1)
    const large = [...counts].filter(([folder, count]) => count > mostFiles && !strategies.includes(folder))
    expect(large).toEqual([])
  })
})

it('no subgraph imports another', () => {
  const across = sources(join(root, 'subgraphs')).flatMap((file) => {
    const own = relative(root, file).split('/')[1]
    return (
      imports(file)
        .map((target) => relative(root, target).split('/'))
        // What several use lies beside them.
        .filter(([room, name, ...rest]) => room === 'subgraphs' && name !== own && rest.length > 0)
        .map((target) => `${relative(root, file)} imports ${target.join('/')}`)
    )
  })
  expect(across).toEqual([])
})

it.each([
  ['onnxruntime-node', ['workers/runtime/onnxRuntime.ts']],
  ['undici', ['gateway/remote/connectionPool.ts']],
  ['ioredis', ['lib/redis/redisConnection.ts']],
  ['jose', ['gateway/identity/tokenVerifier.ts']],
  ['prom-client', ['telemetry/prometheus.ts']],
  ['pino', ['telemetry/jsonLog.ts']],
  ['@grpc/grpc-js', ['workers/protocol/grpc.ts']],
  ['@grpc/proto-loader', ['workers/protocol/grpc.ts']],
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
    return /\.tsx?$/.test(path) ? [path] : []
  })
}

function imports(file: string): string[] {
  const text = readFileSync(file, 'utf8')
  return [...text.matchAll(/(?:from|import|require\()\s*'(\.{1,2}\/[^']+)'/g)].map((match) =>
    resolve(file, '..', match[1]),
  )
}

/** The files of ours that a file imports. */
function importedFiles(file: string): string[] {
  return imports(join(root, file)).flatMap((target) => {
    const paths = ['.ts', '.tsx'].map((ending) => relative(root, target) + ending)
    return paths.filter((path) => existsSync(join(root, path)))
  })
}

/** The folder of a file within its room; a file beside the folders stands for itself. */
function folderOf(file: string): string {
  return file.split('/').length > 2 ? dirname(file) : file
}

/** Each way from something back to itself, once. */
function circles(imported: ReadonlyMap<string, readonly string[]>): string[] {
  const found: string[] = []
  const done = new Set<string>()
  const path: string[] = []
  const follow = (one: string) => {
    const start = path.indexOf(one)
    if (start !== -1) {
      found.push([...path.slice(start), one].join(' -> '))
      return
    }
    if (done.has(one)) return
    path.push(one)
    for (const target of imported.get(one) ?? []) follow(target)
    path.pop()
    done.add(one)
  }
  for (const one of imported.keys()) follow(one)
  return found
}
