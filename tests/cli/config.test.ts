import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { loadConfig } from '../../cli/config'
import { LoadError } from '../../lib/errors'

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

it('has a value for everything', () => {
  const file = written('{}')
  const config = loadConfig(file)
  expect(config).toMatchObject({
    server: { host: '127.0.0.1', port: 4000, timeout: 1000, grace: 10_000, introspection: true },
    repositories: [dirname(file)],
    rules: join(dirname(file), 'rules.yaml'),
    shards: { main: { kind: 'thread', workers: expect.any(Number), stallAfter: 2000 } },
    context: {},
    limits: { bodyBytes: 1_048_576, predictionRows: 10_000, listArguments: 1000, predictionAliases: 100 },
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

it('is frozen', () => {
  const config = loadConfig(written('{}'))
  expect(() => Object.assign(config.server, { port: 1 })).toThrow(TypeError)
})

it('names the path of every error, all at once', () => {
  const text = `
server: { port: 70000, timeout: 1 }
shards: { main: { kind: fibre, workers: 0 } }
context: { member: { header: X-Member } }
limit: {}
tryModel: "yes"
`
  expect(problemsOf(text)).toEqual([
    'presage.yaml: server.port: must be a whole number from 0 to 65535, got 70000',
    'presage.yaml: server.timeout: must be a duration such as 200ms, 1s or 2m, got 1',
    'presage.yaml: shards.main.kind: must be thread or process, got "fibre"',
    'presage.yaml: shards.main.workers: must be a whole number from 1 on, got 0',
    'presage.yaml: context.member.header: must be a header name in lower case, got "X-Member"',
    'presage.yaml: tryModel: must be a boolean, got "yes"',
    'presage.yaml: limit: is not a key that is known here',
  ])
})

it('says so when there is no such file', () => {
  expect(() => loadConfig('/nowhere/presage.yaml')).toThrow(
    new LoadError(['/nowhere/presage.yaml: must be a readable file, got no such file']),
  )
})
