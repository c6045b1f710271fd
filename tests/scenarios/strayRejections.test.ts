import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { compiledPath } from '../../lib/packagePaths'
import { postQuery, readCounter } from '../support/example'
import { type NewProject, newProject } from '../support/newProject'
import { type NodeProcess, startNode } from '../support/nodeProcess'
import { runPresageSync } from '../support/presageCommand'

/** What a team's code leaves undone, in each command that serves. */

let project: NewProject
let slips: string
let served: NodeProcess | undefined

beforeAll(() => {
  project = newProject()
  project.bePatient()
  // Where the gateway would find it.
  project.save('presage.yaml', (yaml) =>
    yaml.replace('platform: true', 'platform: { url: http://127.0.0.1:1/graphql }'),
  )
  project.save('subgraphs/orders/resolvers.js', (module) =>
    module
      .replace(
        'const byId',
        "const audit = async () => { throw new Error('the audit is away') }\n  const byId",
      )
      .replace('order: (_, { id }) => byId', 'order: (_, { id }) => void audit() ?? byId'),
  )
  expect(runPresageSync(['compose'], { cwd: project.folder })).toMatchObject({ code: 0 })
  slips = join(project.folder, 'slips.cjs')
  writeFileSync(
    slips,
    `process.on('SIGUSR2', () => void Promise.reject(new Error('nobody waits for me')))
process.on('SIGHUP', () => setImmediate(() => { throw new Error('nobody catches me') }))
`,
  )
})

afterEach(() => served?.stop('SIGKILL'))
afterAll(() => project?.dispose())

const commands: Record<string, { args: readonly string[]; url: RegExp }> = {
  start: { args: ['start', '--port', '0'], url: /Presage serves (\S+)\/graphql/ },
  dev: { args: ['dev', '--port', '0'], url: /Presage serves (\S+)\/graphql and watches/ },
  gateway: { args: ['gateway', '--port', '0'], url: /Presage serves (\S+)\/graphql/ },
  subgraph: { args: ['subgraph', 'orders', '--port', '0'], url: /Presage serves orders at (\S+)\/graphql/ },
  worker: {
    args: ['worker', '--http-port', '0', '--grpc-port', '0'],
    url: /Presage serves shard main at (\S+)\/v2/,
  },
}

async function serve(command: string): Promise<NodeProcess> {
  const { args, url } = commands[command]
  served = await startNode(['--require', slips, compiledPath('cli/presage'), ...args], url, project.folder)
  return served
}

const rejections = ({ ready }: NodeProcess) =>
  readCounter(`${ready}/metrics`, 'presage_unhandled_rejections_total')

test.each(Object.keys(commands))('presage %s outlives a rejection that nobody awaits', async (command) => {
  const server = await serve(command)
  expect(await rejections(server)).toBe(0)
  process.kill(server.pid, 'SIGUSR2')
  await server.written(/nobody waits for me/, 1)
  const line = server
    .stderr()
    .split('\n')
    .find((one) => one.includes('nobody waits for me'))!
  expect(JSON.parse(line)).toMatchObject({
    level: 50,
    msg: 'a promise was rejected that nobody awaits',
    err: { message: 'nobody waits for me', stack: expect.stringContaining('slips.cjs:1') },
  })
  expect(await rejections(server)).toBe(1)
  expect(await server.stop()).toBe(0)
})

test('a resolver that starts a call and forgets it harms neither its own answer nor the process', async () => {
  const server = await serve('start')
  const ask = () => postQuery(`${server.ready}/graphql`, '{ order(id: "1") { price } }')
  expect(await ask()).toMatchObject({ data: { order: { price: expect.any(Number) } } })
  await server.written(/the audit is away/, 1)
  expect((await ask()).errors).toBeUndefined()
  await server.written(/the audit is away/, 2)
  expect(await rejections(server)).toBe(2)
})

test('an exception that nobody catches ends the process with 1 and its stack', async () => {
  const server = await serve('start')
  process.kill(server.pid, 'SIGHUP')
  await server.written(/Error: nobody catches me/, 1)
  expect(await server.exited).toBe(1)
})
