import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import {
  closeSync,
  cpSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { createServer as createHttpServer } from 'node:http'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { buildSchema, parse } from 'graphql'
import { compiledPath, packageRoot } from '../../../lib/packagePaths'
import { brokenRepository } from '../../support/brokenRepository'
import { startNode } from '../../support/nodeProcess'
import { column, field, floatType, int64Type, message, model, node } from '../../support/onnxMessages'
import { runNode, runPresageSync } from '../../support/presageCommand'
import { presageHere } from '../../support/presageHere'
import { type ServerProcess, startProcess, writeConfig } from '../../support/serverProcess'
import { writeSmallVersion } from '../../support/tensorRepository'

describe('presage compose', () => {
  it('--check passes on the committed files', () => {
    expect(runPresageSync(['compose', '--check'])).toMatchObject({ code: 0, err: '' })
  })

  it('--check names each file that is not what compose would write, and writes nothing', () => {
    const folder = mkdtempSync(join(tmpdir(), 'presage-compose-'))
    const stale = join(folder, 'supergraph.graphql')
    writeFileSync(stale, 'type Query { old: Int }')
    const lock = join(packageRoot, 'schema/plan.lock.json')
    const config = writeConfig((own) => ({ graph: { ...own.graph, supergraph: stale, planLock: lock } }))
    const { code, err } = runPresageSync(['--config', config, 'compose', '--check'])
    expect(code).toBe(1)
    expect(err).toBe(
      `${stale}: must be what \`npx presage compose\` writes, got different content\n1 problem\n`,
    )
    expect(readFileSync(stale, 'utf8')).toBe('type Query { old: Int }')
  })

  it('names each file that it cannot write, with why', () => {
    const folder = mkdtempSync(join(tmpdir(), 'presage-compose-'))
    writeFileSync(join(folder, 'file'), '')
    const lock = join(folder, 'file', 'plan.lock.json')
    const config = writeConfig((own) => ({ graph: { ...own.graph, supergraph: folder, planLock: lock } }))
    const { code, err } = runPresageSync(['--config', config, 'compose'])
    expect({ code, err }).toEqual({
      code: 1,
      err: expect.stringMatching(
        new RegExp(
          `^${folder}: must be a file that can be written to, got EISDIR\n${lock}: must be a file that can be written to, got (ENOTDIR|EEXIST)\n2 problems\n$`,
        ),
      ),
    })
  })

  it('fails on a broken schema with its file and place', () => {
    const folder = mkdtempSync(join(tmpdir(), 'presage-compose-'))
    cpSync(join(packageRoot, 'subgraphs'), join(folder, 'subgraphs'), { recursive: true })
    cpSync(join(packageRoot, 'rover.yaml'), join(folder, 'rover.yaml'))
    const broken = join(folder, 'subgraphs/trust/schema.graphql')
    writeFileSync(broken, readFileSync(broken, 'utf8').replace('type Message @key', 'type Message key'))
    const config = writeConfig((own) => ({ graph: { ...own.graph, subgraphs: join(folder, 'rover.yaml') } }))
    const { code, err } = runPresageSync(['--config', config, 'compose'])
    expect(code).toBe(1)
    expect(err).toMatch(new RegExp(`${broken}:\\d+:\\d+: .*Name "key"`))
  })
})

it('presage schema print shows SDL that stands alone', () => {
  const { code, out } = runPresageSync(['schema', 'print', 'recommendations'])
  expect(code).toBe(0)
  expect(out).toContain('directive @predict(')
  expect(out).toContain('@composeDirective(name: "@predict")')
  expect(() => parse(out)).not.toThrow()
  expect(runPresageSync(['schema', 'print', 'nobody']).err).toContain(
    'must name a subgraph (catalog, members, recommendations, payments, trust, search, platform), got nobody',
  )
})

it('presage schema print without a name shows what clients see, and nothing of federation', () => {
  const { code, out } = runPresageSync(['schema', 'print'])
  expect(code).toBe(0)
  const schema = buildSchema(out)
  expect(schema.getType('Title')).toMatchObject({ name: 'Title' })
  expect(schema.getDirectives().map(({ name }) => name)).not.toContain('predict')
  expect(out).not.toContain('join__')
})

it('the JSON Schemas are up to date', () => {
  expect(runPresageSync(['json-schemas', '--check'])).toMatchObject({ code: 0, err: '' })
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
    const file = join(folder, 'presage.yaml')
    writeFileSync(file, 'repositories: [.]')
    git('add', '.')
    git('commit', '-qm', 'contracts')
    const edit = (from: string, to: string) => {
      const path = join(folder, 'objectives/PREDICT_RATING.yaml')
      const text = readFileSync(path, 'utf8')
      expect(text).toContain(from)
      writeFileSync(path, text.replace(from, to))
    }
    const check = (...args: string[]) => presageHere(['--config', file, 'objectives', 'check', ...args])
    return { folder, check, edit, git }
  }

  it('passes while nothing changed, and when a nullable input is added', async () => {
    const { check, edit } = repository()
    expect((await check()).code).toBe(0)
    edit('inputs:\n', 'inputs:\n  mood: { type: String, nullable: true }\n')
    expect((await check()).code).toBe(0)
  })

  it('refuses a new required input, before and after it is committed', async () => {
    const { check, edit, git } = repository()
    edit('inputs:\n', 'inputs:\n  mood: { type: String }\n')
    expect(await check()).toMatchObject({ code: 1, err: expect.stringContaining('mood') })
    git('commit', '-qam', 'break it')
    expect(await check()).toMatchObject({ code: 1, err: expect.stringContaining('mood') })
  })

  it('refuses it also in a hook of git in a linked work tree', () => {
    const { folder, edit } = repository()
    edit('inputs:\n', 'inputs:\n  mood: { type: String }\n')
    const environment = { GIT_DIR: join(folder, '.git') }
    expect(runPresageSync(['objectives', 'check'], { cwd: folder, environment })).toMatchObject({
      code: 1,
      err: expect.stringContaining('mood'),
    })
  })

  it('compares with where the branch left the base, whatever its later commits and those of the base', async () => {
    const { check, edit, git } = repository()
    git('branch', 'base')
    edit('inputs:\n', 'inputs:\n  mood: { type: String }\n')
    git('commit', '-qam', 'break it')
    edit('inputs:\n', '# words\ninputs:\n')
    git('commit', '-qam', 'change words')
    const refused = { code: 1, err: expect.stringContaining('mood') }
    expect(await check('--base', 'base')).toMatchObject(refused)
    git('checkout', '-q', 'base')
    git('commit', '-q', '--allow-empty', '-m', 'more')
    git('checkout', '-q', '-')
    expect(await check('--base', 'base')).toMatchObject(refused)
    edit('  mood: { type: String }\n', '')
    expect(await check('--base', 'base')).toEqual({
      code: 0,
      out: 'contracts hold (1 changed since base)\n',
      err: '',
    })
  })

  it('refuses a base that has nothing in common, and one where there is no history', async () => {
    const { folder, check } = repository()
    const message =
      /--base: must be a revision that has a commit in common with HEAD in \S+objectives, got gone\n/
    expect(await check('--base', 'gone')).toMatchObject({ code: 1, err: expect.stringMatching(message) })
    rmSync(join(folder, '.git'), { recursive: true })
    expect(await check('--base', 'gone')).toMatchObject({ code: 1, err: expect.stringMatching(message) })
  })

  it('refuses a narrower contract that comes back after it was deleted', async () => {
    const { folder, check, edit, git } = repository()
    const path = join(folder, 'objectives/PREDICT_RATING.yaml')
    const text = readFileSync(path, 'utf8')
    git('rm', '-q', path)
    git('commit', '-qm', 'delete it')
    mkdirSync(join(folder, 'objectives'), { recursive: true })
    writeFileSync(path, text)
    edit('inputs:\n', 'inputs:\n  mood: { type: String }\n')
    git('add', '.')
    git('commit', '-qm', 'bring it back')
    expect(await check()).toMatchObject({ code: 1, err: expect.stringContaining('mood') })
  })

  it('needs no configuration in a folder that is a repository', async () => {
    const { folder, edit } = repository()
    rmSync(join(folder, 'presage.yaml'))
    const check = (cwd: string) => presageHere(['objectives', 'check'], cwd)
    expect(await check(folder)).toEqual({
      code: 0,
      out: 'contracts hold (0 changed since an earlier commit)\n',
      err: '',
    })
    edit('inputs:\n', 'inputs:\n  mood: { type: String }\n')
    expect(await check(folder)).toMatchObject({ code: 1, err: expect.stringContaining('mood') })
    const empty = mkdtempSync(join(tmpdir(), 'presage-empty-'))
    expect(await check(empty)).toMatchObject({
      code: 1,
      err: expect.stringContaining('repositories.0: must be a folder with objectives/ or models/'),
    })
  })

  it('fails where git refuses or is not there, and passes where there is no commit', () => {
    const { folder } = repository()
    const check = (environment: Record<string, string>) =>
      runPresageSync(['objectives', 'check'], { cwd: folder, environment })
    expect(check({ GIT_TEST_ASSUME_DIFFERENT_OWNER: '1' })).toMatchObject({
      code: 1,
      err: expect.stringMatching(
        /: must have a history that git reads, got fatal: detected dubious ownership/,
      ),
    })
    expect(check({ PATH: '' })).toMatchObject({
      code: 1,
      err: expect.stringContaining('must have a history that git reads, got spawnSync git ENOENT'),
    })
    rmSync(join(folder, '.git'), { recursive: true })
    expect(check({})).toMatchObject({ code: 0, out: expect.stringContaining('no git history here') })
  })

  it('names a folder that is in the place of an objective', async () => {
    const { folder, check } = repository()
    mkdirSync(join(folder, 'objectives/FOLDER.yaml'))
    expect(await check()).toMatchObject({
      code: 1,
      err: expect.stringMatching(/FOLDER\.yaml: must be a file, got a folder\n/),
    })
  })

  it('says that a shallow clone lacks what it would compare with', async () => {
    const { folder, git } = repository()
    git('commit', '-q', '--allow-empty', '-m', 'more')
    const clone = mkdtempSync(join(tmpdir(), 'presage-shallow-'))
    git('clone', '-q', '--depth', '1', `file://${folder}`, clone)
    expect(await presageHere(['--config', join(clone, 'presage.yaml'), 'objectives', 'check'])).toEqual({
      code: 0,
      out: 'contracts hold (0 changed since an earlier commit)\n',
      err: 'warning: this clone is shallow, so earlier commits may have contracts that were not compared; fetch the whole history (actions/checkout: fetch-depth: 0)\n',
    })
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
        .filter((line) => line.includes('npx presage compose'))
    expect(told(stale)).toEqual([`${supergraph}: out of date; run npx presage compose`])
    const fresh = await startProcess(writeConfig())
    expect(await fresh.stop()).toBe(0)
    expect(told(fresh)).toEqual([])
  })

  it('listens on the address that --host names', async () => {
    const args = [compiledPath('cli/presage'), '--config', writeConfig(), 'start', '--port', '0', '--host']
    const server = await startNode([...args, '127.0.0.2'], /Presage serves (\S+)/)
    expect(server.ready).toMatch(/^http:\/\/127\.0\.0\.2:\d+\/graphql$/)
    expect(await server.stop()).toBe(0)
  })

  it.each([
    [['start', '--port', 'http'], {}, 'must be a port from 0 to 65535, got http'],
    [['start'], { PORT: '-1' }, 'PORT: must be a port from 0 to 65535, got -1'],
  ])('refuses a port that is none: %j %j', (args, environment, message) => {
    const { code, err } = runPresageSync(args, { environment })
    expect(code).toBe(1)
    expect(err).toContain(message)
  })

  it('says so when the port is taken, and ends', async () => {
    const other = createServer()
    const port = await new Promise<number>((resolve) => {
      other.listen(0, '127.0.0.1', () => resolve((other.address() as { port: number }).port))
    })
    const { code, err } = runPresageSync(['start', '--port', String(port)])
    other.close()
    expect(code).toBe(1)
    expect(err).toContain(
      `127.0.0.1:${port} is in use by another process; try --port with another port (0 takes any that is free), or server.port in presage.yaml:6`,
    )
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
    const reload = () => runPresageSync(['--config', config, 'models', 'reload', '--url', server.url])
    // Until what was there at the start has stood still, what comes and goes may be taken up unasked.
    expect(reload()).toMatchObject({ code: 0 })
    renameSync(join(models, '8'), join(models, '9'))
    expect(reload()).toEqual({
      code: 0,
      out: 'payment-risk@9 is ready on main\npayment-risk@8 is gone\n',
      err: '',
    })
    expect(reload()).toMatchObject({ code: 0, out: 'nothing has changed\n' })
    expect(await server.stop()).toBe(0)
    expect(reload()).toMatchObject({
      code: 1,
      err: expect.stringMatching(/must be answered by a running Presage, got ECONNREFUSED\n1 problem\n$/),
    })
  })

  it.each([
    ['null', 'status 200'],
    ['{"done": true}', 'status 200'],
    ['{"errors": {"token": "missing"}}', 'status 200'],
    ['{"errors": [null, {"message": "busy"}]}', 'busy'],
  ])('says what another program answers there: %s', async (body, got) => {
    const other = createHttpServer((_, response) => response.end(body)).listen(0, '127.0.0.1')
    await once(other, 'listening')
    const url = `http://127.0.0.1:${(other.address() as AddressInfo).port}`
    const ended = await presageHere(['models', 'reload', '--url', url])
    expect(ended).toMatchObject({
      code: 1,
      err: expect.stringMatching(`: must reload, got ${got}\n1 problem\n$`),
    })
    other.close()
  })

  it('refuses a URL with a password, which it does not repeat', () => {
    expect(runPresageSync(['models', 'reload', '--url', 'http://ops:secret@127.0.0.1:1'])).toEqual({
      code: 1,
      out: '',
      err: '--url: must be without a user and password; --token says who asks\n1 problem\n',
    })
  })

  it.each(['localhost:4000', 'http:// a', 'x'])('refuses %s, which is no URL', async (url) => {
    expect(await presageHere(['models', 'reload', '--url', url])).toEqual({
      code: 1,
      out: '',
      err: `--url: must be a URL such as http://127.0.0.1:4000, got "${url}"\n1 problem\n`,
    })
  })
})

it.each([
  ['schema', 'print'],
  ['--version', ''],
])('a result of %s %s that finds no room is a failure', (...words) => {
  const full = openSync('/dev/full', 'w')
  const { status, stderr } = spawnSync(
    process.execPath,
    [compiledPath('cli/presage'), ...words.filter(Boolean)],
    {
      cwd: packageRoot,
      stdio: ['ignore', full, 'pipe'],
      encoding: 'utf8',
    },
  )
  closeSync(full)
  expect([status, stderr]).toEqual([1, 'standard output: must take what is written, got ENOSPC\n'])
})

describe('presage models check', () => {
  it('loads every version and says so', () => {
    const { code, out, err } = runPresageSync(['models', 'check'])
    expect({ code, err }).toEqual({ code: 0, err: '' })
    expect(out.trim().split('\n')).toHaveLength(14)
    expect(out).toContain('rating-predictor@4 is ready\n')
  })

  it('needs no configuration in a folder that is a repository', () => {
    const cwd = mkdtempSync(join(tmpdir(), 'presage-models-'))
    writeSmallVersion(cwd, 'small', '1')
    expect(runPresageSync(['models', 'check'], { cwd })).toEqual({
      code: 0,
      out: 'small@1 is ready (no golden cases)\n',
      err: '',
    })
  })

  it('has few of them in memory at a time', async () => {
    const mib = 2 ** 20
    const folder = mkdtempSync(join(tmpdir(), 'presage-large-'))
    const numbers = field(9, Buffer.alloc(32 * mib))
    const items = message(field(1, 8 * mib), field(2, floatType), field(8, 't'), numbers)
    const ends = [field(11, column('x', int64Type)), field(12, column('y'))]
    const graph = model(
      message(field(1, node('Gather', ['t', 'x'], 'y')), field(5, items), field(2, 'g'), ...ends),
    )
    const sha256 = createHash('sha256').update(graph).digest('hex')
    const feature = '{ x: { type: Int, range: [0, 9] } }'
    mkdirSync(join(folder, 'objectives'))
    writeFileSync(
      join(folder, 'objectives/LARGE.yaml'),
      `objective: LARGE\ninputs: ${feature}\noutputs: { y: { type: Float } }\n`,
    )
    writeFileSync(join(folder, 'model.onnx'), graph)
    const write = (version: number) => {
      const own = join(folder, `models/large/${version}`)
      mkdirSync(own, { recursive: true })
      linkSync(join(folder, 'model.onnx'), join(own, 'model.onnx'))
      writeFileSync(
        join(own, 'model.yaml'),
        [
          `name: large\nversion: "${version}"\nserves: [LARGE]`,
          `graph: { file: model.onnx, bytes: ${graph.length}, sha256: ${sha256} }`,
          `features: ${feature}\npreprocess: { x: { number: x } }\npostprocess: { y: { column: y } }\n`,
        ].join('\n'),
      )
    }
    const told = 'data:text/javascript,process.on("exit",()=>console.error(process.resourceUsage().maxRSS))'
    const most = async () => {
      const args = ['--import', told, compiledPath('cli/presage'), 'models', 'check']
      const { code, err } = await runNode(args, folder)
      expect(code).toBe(0)
      // Each thread tells the number of the process.
      return Math.max(...err.trim().split('\n').map(Number)) * 1024
    }
    for (const version of [1, 2, 3]) write(version)
    const few = await most()
    for (let version = 4; version <= 16; version++) write(version)
    // The others have 416 MiB.
    expect(await most()).toBeLessThan(few + 200 * mib)
  })

  it('checks all of them also if nobody reads its lines', async () => {
    const args = [compiledPath('cli/presage'), 'models', 'check']
    const child = spawn(process.execPath, args, { cwd: packageRoot, stdio: ['ignore', 'pipe', 'pipe'] })
    child.stdout.destroy()
    const err = await text(child.stderr)
    expect([err, child.exitCode ?? (await once(child, 'exit'))[0]]).toEqual(['', 0])
  })

  it('fails with the reason of each version that is not fit to serve', () => {
    const config = writeConfig((own) => ({ repositories: [...own.repositories, brokenRepository()] }))
    const { code, out, err } = runPresageSync(['--config', config, 'models', 'check'])
    expect(code).toBe(1)
    expect(out.trim().split('\n')).toHaveLength(14)
    expect(err).toMatch(/^corrupt-graph@1 is not ready: session: /m)
    expect(err).toMatch(/^wrong-golden@1 is not ready: golden cases: case 0: probability: /m)
    expect(err).toContain('4 problems')
  })
})

it.each([
  [['rules', 'explain', '--json'], 2, "missing required argument 'objective'"],
  [['rules', 'pin', '--json'], 2, 'needs a version or --off'],
  [['doctor', '--jsno', '--json'], 1, "unknown option '--jsno' (Did you mean --json?)"],
] as const)('an invalid command line is a problem with --json too: %s', (args, code, problem) => {
  const { out, err, ...ended } = runPresageSync([...args])
  expect(ended.code).toBe(code)
  expect(JSON.parse(out)).toEqual({ problems: [problem] })
  expect(err).toMatch(/^error: /)
})

it('presage worker --port is answered with the two ports that it has', () => {
  expect(runPresageSync(['worker', '--shard', 'main', '--port', '4000'])).toEqual({
    code: 1,
    out: '',
    err: expect.stringContaining('A worker has two ports: --http-port and --grpc-port.'),
  })
})

it.each([
  [
    ['--http-port', '4321', '--grpc-port', '4321'],
    '--http-port and --grpc-port: must be different ports, got 4321 for both',
  ],
  [
    ['--grpc-port', '4321', '--admin-port', '4321'],
    '--grpc-port and --admin-port: must be different ports, got 4321 for both',
  ],
])('presage worker %j does not start', (ports, problem) => {
  expect(runPresageSync(['worker', '--shard', 'main', ...ports])).toEqual({
    code: 1,
    out: '',
    err: `${problem}\n1 problem\n`,
  })
})

it('objectives list tells where the configuration names a folder that is none', () => {
  const folder = mkdtempSync(join(tmpdir(), 'presage-roots-'))
  const file = join(folder, 'presage.yaml')
  writeFileSync(file, 'repositories:\n  - nowhere\n  - models\\shop\n')
  const { code, err } = runPresageSync(['objectives', 'list'], { cwd: folder })
  expect([code, err]).toEqual([
    1,
    [
      'presage.yaml:2: repositories.0: must be a folder with objectives/ or models/, got nowhere, which is not there',
      'presage.yaml:3: repositories.1: must be a folder with objectives/ or models/, got models\\shop, which is not there; write paths with / in place of \\',
      '2 problems',
      '',
    ].join('\n'),
  ])
})

it('a start says that exposures cannot be written, and ends', () => {
  const config = writeConfig(() => ({ exposures: { file: '/proc/presage/exposures.jsonl' } }))
  expect(runPresageSync(['--config', config, 'start', '--port', '0'])).toMatchObject({
    code: 1,
    err: expect.stringMatching(
      /presage\.yaml:\d+: exposures\.file: must be a file that can be written to, got \/proc\/presage\/exposures\.jsonl: ENOENT/,
    ),
  })
})

it('says in one line, also for programs, what the file system refuses a command', () => {
  const folder = mkdtempSync(join(tmpdir(), 'presage-refused-'))
  const graph = join(packageRoot, 'tests/fixtures/graphs/payment-risk-1.onnx')
  mkdirSync(join(folder, 'models'))
  writeFileSync(join(folder, 'models/risk'), '')
  const args = ['models', 'new', graph, '--yes', '--name', 'risk', '--objective', 'RISK', '--json']
  const { code, out, err } = runPresageSync(args, { cwd: folder })
  const problem = 'models/risk: must be a file or folder that this command can use, got ENOTDIR (scandir)'
  expect([code, JSON.parse(out), err]).toEqual([1, { problems: [problem] }, `${problem}\n1 problem\n`])
})
