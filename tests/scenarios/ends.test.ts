import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { compiledPath } from '../../lib/packagePaths'
import { postQuery } from '../support/example'
import { allocate, allocatingRepository } from '../support/hostileRepositories'
import { startNode } from '../support/nodeProcess'
import { RedisServer } from '../support/redisServer'
import { type ServerProcess, startProcess, writeConfig } from '../support/serverProcess'
import { treeMemory } from '../support/treeMemory'
import { until } from '../support/until'
import { yamlBombs } from '../support/yamlBombs'

jest.setTimeout(400_000)

/** For what a process would wait for without end. */
const grace = 1_000
/** Of a process that has nothing to wait for: none ends that late, also where the machine stands still meanwhile. */
const longGrace = 60_000

let server: ServerProcess | undefined
const sockets: Socket[] = []
afterEach(async () => {
  for (const socket of sockets) socket.destroy()
  await server?.stop('SIGKILL')
})
afterAll(() => RedisServer.stopAll())

async function end() {
  const began = performance.now()
  const code = await server!.stop()
  expect(performance.now() - began).toBeLessThan(longGrace)
  return code
}

it.each(['thread', 'process'] as const)(
  'SIGTERM during a run that outlasts the grace, on a %s',
  async (kind) => {
    const root = allocatingRepository()
    server = await startProcess(
      writeConfig(({ repositories }) => ({
        repositories: [...repositories, root],
        server: { timeout: 30_000, grace },
        shards: {
          main: {
            kind,
            workers: 1,
            inline: 'never',
            stallAfter: 30_000,
            ...(kind === 'process' && { memory: '16GiB' }),
          },
        },
      })),
    )
    const children = server.children()
    const before = treeMemory(server.pid)
    const lost = postQuery(server.url, allocate(7 * 1024)).catch(() => 'cut')
    await until(() => treeMemory(server!.pid) > before + 500)
    // By SIGKILL where the machine stood still: then the watchdog finds the HTTP thread busy.
    expect(['SIGTERM', 'SIGKILL']).toContain(await end())
    expect(await lost).toBe('cut')
    expect(children).toHaveLength(kind === 'process' ? 1 : 0)
    await until(() => children.every((pid) => !existsSync(`/proc/${pid}`)))
    rmSync(root, { recursive: true })
  },
)

it('SIGTERM while this process is at versions that would never be read', async () => {
  const root = mkdtempSync(join(tmpdir(), 'presage-bombs-'))
  mkdirSync(join(root, 'models'))
  server = await startProcess(
    writeConfig(({ repositories }) => ({
      repositories: [...repositories, root],
      server: { grace: longGrace },
      models: { watch: true, poll: 200 },
    })),
  )
  for (const [at, text] of Object.values(yamlBombs).entries()) {
    mkdirSync(join(root, `models/bomb-${at}/1`), { recursive: true })
    writeFileSync(join(root, `models/bomb-${at}/1/model.yaml`), text)
  }
  await until(() => server!.stderr().includes('bomb-0@1 is not ready'), { withinMs: 300_000 })
  expect(await end()).toBe(0)
  rmSync(root, { recursive: true })
})

it('SIGTERM while the first models are loaded: it does not say that it serves', async () => {
  const config = writeConfig(() => ({ server: { grace: longGrace } }))
  const args = [compiledPath('cli/presage'), '--config', config, 'start', '--port', '0']
  // It listens then, and loads.
  const starting = await startNode(args, /^Anyone who reaches this server/m)
  expect(await starting.stop()).toBe(0)
  expect(starting.stderr()).not.toMatch(/Presage serves|are ready/)
})

it('SIGTERM with connections on which half a request has come, or nothing', async () => {
  server = await startProcess(writeConfig(() => ({ server: { grace: longGrace } })))
  const { port } = new URL(server.url)
  for (const text of ['', 'POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\n{']) {
    const socket = connect(Number(port), '127.0.0.1')
    sockets.push(socket)
    await new Promise<void>((resolve) => socket.once('connect', resolve))
    socket.on('error', () => {})
    socket.write(text)
  }
  expect(await end()).toBe(0)
})

it('SIGTERM with a Redis for rules and cache that does not answer', async () => {
  const redis = await RedisServer.start()
  server = await startProcess(
    writeConfig(({ rules }) => ({
      server: { grace },
      rules: { file: rules, store: { redis: redis.url, create: true } },
      cache: { store: { redis: redis.url } },
    })),
  )
  redis.signal('SIGSTOP')
  expect([0, 'SIGTERM']).toContain(await end())
})
