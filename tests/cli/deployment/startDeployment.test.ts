import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { compose } from '../../../cli/commands/compose'
import { type Config, loadConfig } from '../../../cli/config/config'
import { type Deployment, startDeployment } from '../../../cli/deployment/startDeployment'
import { LoadError } from '../../../lib/errors'
import { packageRoot } from '../../../lib/packagePaths'
import { postQuery } from '../../support/example'

/** Payments alone, in a folder of its own: one subgraph, one objective, three versions. */
let folder: string

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'presage-start-'))
  const shared = (path: string) => join(packageRoot, path)
  mkdirSync(join(folder, 'payments'))
  writeFileSync(
    join(folder, 'payments/schema.graphql'),
    readFileSync(shared('subgraphs/payments/schema.graphql'), 'utf8'),
  )
  writeFileSync(
    join(folder, 'payments/resolvers.js'),
    'exports.createResolvers = () => ({ Query: { payment: (_, { id }) => ({ id, records: "no", seniority: 3, time: 60, age: 32, expenses: 50, amount: 1100, price: 1226 }) } })',
  )
  writeFileSync(
    join(folder, 'rover.yaml'),
    'subgraphs: { payments: { routing_url: "http://payments", schema: { file: payments/schema.graphql } } }',
  )
  writeFileSync(join(folder, 'rules.yaml'), 'objectives: { PAYMENT_RISK: { default: payment-risk@3 } }')
  writeFileSync(
    join(folder, 'presage.yaml'),
    `server: { port: 0, timeout: 20s }
graph: { supergraph: supergraph.graphql, planLock: plan.lock.json }
repositories: [${shared('examples/streaming')}]
shards: { main: { workers: 1 } }
`,
  )
})
afterAll(() => rmSync(folder, { recursive: true }))

const config = (change: Partial<Config> = {}): Config => ({
  ...loadConfig(join(folder, 'presage.yaml')),
  ...change,
})
const risk = '{ payment(id: 1) { risk { decision } } }'

it('does not start with keys with which no token can be valid', async () => {
  const jwks = join(folder, 'keys.json')
  writeFileSync(jwks, '{ "keys": [] }')
  const { trust, ...rest } = config()
  const jwt = { issuer: 'i', audience: 'a', algorithms: ['RS256' as const], jwks, place: 'presage.yaml:9' }
  await expect(startDeployment({ ...rest, trust: { ...trust, jwt } })).rejects.toThrow(
    /^presage\.yaml:9: trust\.jwt\.jwks: .*keys\.json: must hold a key for RS256, got none that fits$/,
  )
})

/** Child processes of this process. */
function children(): string {
  return readFileSync(`/proc/${process.pid}/task/${process.pid}/children`, 'utf8')
}

function listen(): Promise<{ server: Server; port: number }> {
  const server = createServer()
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () =>
      resolve({ server, port: (server.address() as { port: number }).port }),
    )
  })
}

const states = ({ serving }: Deployment) => new Set(serving.registry.list().map(({ state }) => state.is))

it('opens its server before its models are loaded, and is ready when they are', async () => {
  const deployment = await startDeployment(config())
  // No turn of the event loop has gone by, in which a worker could have answered.
  expect(states(deployment)).toEqual(new Set(['loading']))
  await deployment.loaded
  expect(states(deployment)).toEqual(new Set(['ready']))
  const ready = await fetch(deployment.url.replace('/graphql', '/health/ready'))
  expect([ready.status, await ready.json()]).toEqual([200, { ready: true, reasons: [] }])
  expect((await postQuery(deployment.url, risk)).data.payment.risk.decision).toMatch(/^[A-Z]+$/)
  await deployment.close()
})

it('closes while its models load, twice alike, and leaves neither a load nor a word about it', async () => {
  const lines: string[] = []
  const deployment = await startDeployment(config(), { log: (line) => lines.push(line) })
  expect(states(deployment)).toEqual(new Set(['loading']))
  const before = lines.length
  const first = deployment.close()
  expect(deployment.close()).toBe(first)
  await first
  expect(states(deployment).has('loading')).toBe(false)
  expect(lines.slice(before)).toEqual([])
  await expect(fetch(deployment.url)).rejects.toThrow()
  expect(
    deployment.serving.shards
      .get('main')!
      .status()
      .workers.map(({ state }) => state),
  ).toEqual(['ended'])
})

describe('ends with nothing running', () => {
  const processes = () => config({ shards: { main: { ...config().shards.main, kind: 'process' } } })

  it('when its port is taken', async () => {
    const { server, port } = await listen()
    const before = children()
    await expect(startDeployment(processes(), { port })).rejects.toThrow(
      new RegExp(
        `^127\\.0\\.0\\.1:${port} is in use by another process; try --port with another port .*, or server\\.port in \\S+presage\\.yaml:\\d+$`,
      ),
    )
    expect(children()).toBe(before)
    server.close()
  })

  it('when its host does not exist', async () => {
    const before = children()
    const { server } = processes()
    await expect(
      startDeployment({ ...processes(), server: { ...server, host: 'no.such.host.invalid' } }),
    ).rejects.toThrow(
      /^no\.such\.host\.invalid:0 must be an address of this machine \(\w+\); try --host with another one, or server\.host in /,
    )
    expect(children()).toBe(before)
  })

  it('when its resolvers are no resolvers', async () => {
    const before = children()
    const resolvers = { payments: { Query: { payment: null } } }
    await expect(startDeployment(processes(), { resolvers })).rejects.toThrow()
    expect(children()).toBe(before)
  })

  it('when one of its shards does not start', async () => {
    const before = children()
    const { main } = processes().shards
    const shards = { main, broken: { ...main, kind: 'nothing' as 'process' } }
    await expect(startDeployment(config({ shards }))).rejects.toThrow()
    expect(children()).toBe(before)
  })
})

describe('start and compose refuse the same', () => {
  const refusals = async (change: Partial<Config>): Promise<readonly unknown[]> => {
    const problems = (error: unknown) => (error instanceof LoadError ? error.problems : error)
    const started = await startDeployment(config(change)).then((deployment) => deployment.close(), problems)
    try {
      return [started, await compose(config(change), { check: true })]
    } catch (error) {
      return [started, problems(error)]
    }
  }

  /** The same subgraph with another resolvers module; answers that file, and the configuration. */
  function withResolvers(module: string): { file: string; graph: Config['graph'] } {
    const own = mkdtempSync(join(folder, 'payments-'))
    const rover = join(own, 'rover.yaml')
    const file = join(own, 'resolvers.js')
    writeFileSync(rover, readFileSync(join(folder, 'rover.yaml'), 'utf8').replace('payments/', ''))
    writeFileSync(join(own, 'schema.graphql'), readFileSync(join(folder, 'payments/schema.graphql')))
    writeFileSync(file, module)
    return { file, graph: { ...config().graph, subgraphs: rover } }
  }

  it('a prediction field that has a resolver', async () => {
    const { graph } = withResolvers('exports.createResolvers = () => ({ Payment: { risk: () => null } })')
    const [started, composed] = await refusals({ graph })
    expect(started).toEqual([
      expect.stringMatching(
        /schema\.graphql:\d+ Payment\.risk: must have no resolver, since a model answers it/,
      ),
    ])
    expect(composed).toEqual(started)
  })

  it('a module that is no resolvers module', async () => {
    const { file, graph } = withResolvers('exports.resolvers = {}')
    const [started, composed] = await refusals({ graph })
    expect(started).toEqual([`${file}: must export a function createResolvers, got undefined`])
    expect(composed).toEqual(started)
  })

  it('a rule file that is not there', async () => {
    const [started, composed] = await refusals({ rules: '/nowhere/rules.yaml' })
    expect(started).toEqual(['/nowhere/rules.yaml: must be a readable file, got no such file'])
    expect(composed).toEqual(started)
  })
})
