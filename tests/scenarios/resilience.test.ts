import { brokenRepository } from '../support/brokenRepository'
import { postQuery, readCounter } from '../support/example'
import { type Load, load } from '../support/load'
import { type ServerProcess, startProcess, writeConfig } from '../support/serverProcess'
import { until } from '../support/until'

const nextQuery = (n: number) => ({
  query: 'query ($m: ID!, $s: Int) { titles(first: 20, skip: $s) { id predictedRating(memberId: $m) } }',
  variables: { m: String(1 + (n % 671)), s: n % 500 },
})

jest.setTimeout(120_000)

let server: ServerProcess

afterEach(async () => {
  await server.stop('SIGKILL')
})

/** Loads the server while `event` happens to it, and until it has answered `more` model calls after that. */
async function underLoad(event: () => void | Promise<void>, more = 100): Promise<Load> {
  const calls = () =>
    readCounter(server.url.replace('/graphql', '/metrics'), 'presage_inference_exec_count_total')
  const done = (async () => {
    await reaches(calls, (await calls()) + more)
    await event()
    await reaches(calls, (await calls()) + more)
  })()
  const result = await load(server.url, 8, nextQuery, done)
  await done
  return result
}

const reaches = (read: () => Promise<number>, goal: number) => until(async () => (await read()) >= goal)

/** A request has more time than it takes until a frozen worker is given up, also where the machine stands still meanwhile. */
const processes = () => ({
  server: { timeout: 30_000 },
  shards: { main: { kind: 'process', workers: 2, stallAfter: 6_000 } },
})

it('a worker process killed with -9 under load costs no request', async () => {
  server = await startProcess(writeConfig(processes))
  const [victim, other] = server.children()
  const { answered, failures } = await underLoad(() => {
    process.kill(victim, 'SIGKILL')
  })
  expect(failures).toEqual([])
  expect(answered).toBeGreaterThan(100)
  await until(() => server.children().length === 2 && !server.children().includes(victim))
  expect(server.children()).toContain(other)
})

it('a worker process that freezes under load costs no request, and is replaced', async () => {
  server = await startProcess(writeConfig(processes))
  const [victim] = server.children()
  const { failures } = await underLoad(async () => {
    process.kill(victim, 'SIGSTOP')
    await until(() => !server.children().includes(victim))
  })
  expect(failures).toEqual([])
  await until(() => server.children().length === 2)
})

it.each(['thread', 'process'])(
  'SIGTERM under load, with %s workers: every accepted request is answered, and the exit code is 0',
  async (kind) => {
    server = await startProcess(writeConfig(() => ({ shards: { main: { kind, workers: 2 } } })))
    let exit: Promise<unknown> | undefined
    const { answered, failures } = await underLoadUntilExit(() => {
      exit = server.stop('SIGTERM')
      return exit
    })
    expect(await exit).toBe(0)
    expect(failures).toEqual([])
    expect(answered).toBeGreaterThan(50)
  },
)

async function underLoadUntilExit(stop: () => Promise<unknown>): Promise<Load> {
  const calls = () =>
    readCounter(server.url.replace('/graphql', '/metrics'), 'presage_inference_exec_count_total')
  const goal = (await calls()) + 100
  return load(server.url, 8, nextQuery, reaches(calls, goal).then(stop))
}

it('a corrupt graph, a manifest that does not parse and a missing file cost just those versions', async () => {
  server = await startProcess(
    writeConfig((config) => ({ repositories: [...config.repositories, brokenRepository()] })),
  )
  for (const key of ['corrupt-graph@1', 'no-manifest-grammar@1', 'no-graph@1', 'wrong-golden@1']) {
    const lines = server
      .stderr()
      .split('\n')
      .filter((line) => line.startsWith(`${key} is not ready: `))
    expect(lines).toHaveLength(1)
  }
  const { data } = await postQuery(
    server.url,
    '{ models { name ready reason } titles(first: 1) { predictedRating(memberId: "1") } }',
  )
  expect(data.titles[0].predictedRating).toBeGreaterThan(0)
  const unready = data.models.filter((model: { ready: boolean }) => !model.ready)
  expect(unready).toHaveLength(4)
  for (const { reason } of unready) expect(reason.length).toBeGreaterThan(10)
  const tried = await postQuery(server.url, '{ tryModel(model: "corrupt-graph@1", features: [{}]) }')
  expect(tried.errors?.[0]).toMatchObject({
    extensions: { code: 'MODEL_NOT_READY' },
    message: expect.stringContaining('corrupt-graph@1'),
  })
})
