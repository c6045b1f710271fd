import { execFileSync, spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buildSchema, parse } from 'graphql'
import { compiledPath, packageRoot } from '../../lib/compiled'
import { brokenRepository } from '../support/brokenRepository'
import { type ServerProcess, startProcess, writeConfig } from '../support/serverProcess'

function presage(args: readonly string[], environment: Record<string, string> = {}) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [compiledPath('cli/presage'), ...args], {
    cwd: packageRoot,
    encoding: 'utf8',
    env: { ...process.env, ...environment },
    timeout: 30_000,
  })
  return { status, stdout, stderr }
}

describe('presage compose', () => {
  it('--check passes on the committed files', () => {
    expect(presage(['compose', '--check'])).toMatchObject({ status: 0, stderr: '' })
  })

  it('--check names each file that is not what compose would write, and writes nothing', () => {
    const folder = mkdtempSync(join(tmpdir(), 'presage-compose-'))
    const stale = join(folder, 'supergraph.graphql')
    writeFileSync(stale, 'type Query { old: Int }')
    const lock = join(packageRoot, 'schema/plan.lock.json')
    const config = writeConfig((own) => ({ graph: { ...own.graph, supergraph: stale, planLock: lock } }))
    const { status, stderr } = presage(['--config', config, 'compose', '--check'])
    expect(status).toBe(1)
    expect(stderr).toBe(`${stale}: must be what \`npm run compose\` writes, got another content\n1 problem\n`)
    expect(readFileSync(stale, 'utf8')).toBe('type Query { old: Int }')
  })

  it('fails on a broken schema with its file and place', () => {
    const folder = mkdtempSync(join(tmpdir(), 'presage-compose-'))
    cpSync(join(packageRoot, 'subgraphs'), join(folder, 'subgraphs'), { recursive: true })
    cpSync(join(packageRoot, 'rover.yaml'), join(folder, 'rover.yaml'))
    const broken = join(folder, 'subgraphs/trust/schema.graphql')
    writeFileSync(broken, readFileSync(broken, 'utf8').replace('type Message @key', 'type Message key'))
    const config = writeConfig((own) => ({ graph: { ...own.graph, subgraphs: join(folder, 'rover.yaml') } }))
    const { status, stderr } = presage(['--config', config, 'compose'])
    expect(status).toBe(1)
    expect(stderr).toMatch(new RegExp(`${broken}:\\d+:\\d+: .*Name "key"`))
  })
})

it('presage schema print shows SDL that stands alone', () => {
  const { status, stdout } = presage(['schema', 'print', 'recommendations'])
  expect(status).toBe(0)
  expect(stdout).toContain('directive @predict(')
  expect(stdout).toContain('@composeDirective(name: "@predict")')
  expect(() => parse(stdout)).not.toThrow()
  expect(presage(['schema', 'print', 'nobody']).stderr).toContain(
    'must name a subgraph (catalog, members, recommendations, payments, trust, search, platform), got nobody',
  )
})

it('the JSON Schemas are up to date', () => {
  expect(presage(['json-schemas', '--check'])).toMatchObject({ status: 0, stderr: '' })
})

it('the committed supergraph is a schema', () => {
  const sdl = readFileSync(join(packageRoot, 'schema/supergraph.graphql'), 'utf8')
  expect(sdl.split('\n', 1)[0]).toMatch(/generated/i)
  expect(() => buildSchema(sdl, { assumeValidSDL: true })).not.toThrow()
})

describe('presage objectives check', () => {
  const repository = () => {
    const folder = mkdtempSync(join(tmpdir(), 'presage-contracts-'))
    cpSync(join(packageRoot, 'examples/streaming/objectives'), join(folder, 'objectives'), {
      recursive: true,
    })
    const git = (...args: string[]) =>
      execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@t', ...args], { cwd: folder })
    git('init', '-q')
    git('add', '.')
    git('commit', '-qm', 'contracts')
    const file = join(folder, 'presage.yaml')
    writeFileSync(file, 'repositories: [.]')
    const edit = (from: string, to: string) => {
      const path = join(folder, 'objectives/PREDICT_RATING.yaml')
      const text = readFileSync(path, 'utf8')
      expect(text).toContain(from)
      writeFileSync(path, text.replace(from, to))
    }
    return { check: () => presage(['--config', file, 'objectives', 'check']), edit, git }
  }

  it('passes while nothing changed, and when a nullable input is added', () => {
    const { check, edit } = repository()
    expect(check().status).toBe(0)
    edit('inputs:\n', 'inputs:\n  mood: { type: String, nullable: true }\n')
    expect(check().status).toBe(0)
  })

  it('refuses a new required input, before and after it is committed', () => {
    const { check, edit, git } = repository()
    edit('inputs:\n', 'inputs:\n  mood: { type: String }\n')
    expect(check()).toMatchObject({ status: 1, stderr: expect.stringContaining('mood') })
    git('commit', '-qam', 'break it')
    expect(check()).toMatchObject({ status: 1, stderr: expect.stringContaining('mood') })
  })
})

describe('presage start', () => {
  it('says in one line which committed files are not what it serves, and nothing where all are', async () => {
    const composed = mkdtempSync(join(tmpdir(), 'presage-stale-'))
    const supergraph = join(composed, 'supergraph.graphql')
    const stale = await startProcess(writeConfig((own) => ({ graph: { ...own.graph, supergraph } })))
    expect(await stale.stop()).toBe(0)
    const told = (server: ServerProcess) =>
      server
        .stderr()
        .split('\n')
        .filter((line) => line.includes('npm run compose'))
    expect(told(stale)).toEqual([
      `${supergraph}: not what is served here; to write what is, run npm run compose`,
    ])
    const fresh = await startProcess(writeConfig())
    expect(await fresh.stop()).toBe(0)
    expect(told(fresh)).toEqual([])
  })

  it.each([
    [['start', '--port', 'http'], {}, 'must be a port from 0 to 65535, got http'],
    [['start'], { PORT: '-1' }, 'PORT: must be a port from 0 to 65535, got -1'],
  ])('refuses a port that is none: %j %j', (args, environment, message) => {
    const { status, stderr } = presage(args, environment)
    expect(status).toBe(1)
    expect(stderr).toContain(message)
  })

  it('says so when the port is taken, and ends', async () => {
    const other = createServer()
    const port = await new Promise<number>((resolve) => {
      other.listen(0, '127.0.0.1', () => resolve((other.address() as { port: number }).port))
    })
    const { status, stderr } = presage(['start', '--port', String(port)])
    other.close()
    expect(status).toBe(1)
    expect(stderr).toContain(`server: must be an address to listen on, got 127.0.0.1:${port} (EADDRINUSE)`)
  })
})

describe('presage models reload', () => {
  it('has a running process take up what has come, and prints what it did', async () => {
    const root = mkdtempSync(join(tmpdir(), 'presage-reload-'))
    const models = join(root, 'models/payment-risk')
    cpSync(join(packageRoot, 'examples/streaming/models/payment-risk/1'), join(models, '1'), {
      recursive: true,
    })
    const config = writeConfig((own) => ({
      repositories: [...own.repositories, root],
      models: { watch: false },
    }))
    writeFileSync(
      join(models, '1/model.yaml'),
      readFileSync(join(models, '1/model.yaml'), 'utf8').replace('version: "1"', 'version: "9"'),
    )
    renameSync(join(models, '1'), join(models, '8'))
    const server = await startProcess(config)
    const reload = () => presage(['--config', config, 'models', 'reload', '--url', server.url])
    // Until what was there at the start has stood still, what comes and goes may be taken up unasked.
    expect(reload()).toMatchObject({ status: 0 })
    renameSync(join(models, '8'), join(models, '9'))
    expect(reload()).toEqual({
      status: 0,
      stdout: 'payment-risk@9 is ready on main\npayment-risk@8 is gone\n',
      stderr: '',
    })
    expect(reload()).toMatchObject({ status: 0, stdout: 'nothing has changed\n' })
    expect(await server.stop()).toBe(0)
    expect(reload()).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/must be answered by a running Presage, got ECONNREFUSED\n1 problem\n$/),
    })
  })
})

describe('presage models check', () => {
  it('loads every version and says so', () => {
    const { status, stdout, stderr } = presage(['models', 'check'])
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    expect(stdout.trim().split('\n')).toHaveLength(14)
    expect(stdout).toContain('rating-predictor@4 is ready\n')
  })

  it('fails with the reason of each version that is not fit to serve', () => {
    const config = writeConfig((own) => ({ repositories: [...own.repositories, brokenRepository()] }))
    const { status, stdout, stderr } = presage(['--config', config, 'models', 'check'])
    expect(status).toBe(1)
    expect(stdout.trim().split('\n')).toHaveLength(14)
    expect(stderr).toMatch(/^corrupt-graph@1 is not ready: session: /m)
    expect(stderr).toMatch(/^wrong-golden@1 is not ready: golden cases: case 0: probability: /m)
    expect(stderr).toContain('4 problems')
  })
})
