import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { packageRoot } from '../../lib/packagePaths'
import { postQuery } from '../support/example'
import { allocate, allocatingRepository, loop, loopingRepository } from '../support/hostileRepositories'
import { load } from '../support/load'
import { runPresage } from '../support/presageCommand'
import { type ServerProcess, startProcess, writeConfig } from '../support/serverProcess'
import { treeMemory } from '../support/treeMemory'
import { until } from '../support/until'
import { yamlBombs } from '../support/yamlBombs'

jest.setTimeout(400_000)

const nextQuery = (n: number) => ({
  query: 'query ($m: ID!, $s: Int) { titles(first: 5, skip: $s) { id predictedRating(memberId: $m) } }',
  variables: { m: String(1 + (n % 671)), s: n % 500 },
})

let server: ServerProcess | undefined
afterEach(async () => {
  await server?.stop('SIGKILL')
})

/** The reason of a version that is not ready; undefined where it is unknown or ready. */
async function reasonOf(url: string, key: string): Promise<string | undefined> {
  const { data } = await postQuery(url, '{ models { name version ready reason } }')
  const all = data.models as { name: string; version: string; reason: string | null }[]
  return all.find(({ name, version }) => `${name}@${version}` === key)?.reason ?? undefined
}

it('versions that would never be read, come while others serve, cost nobody an answer; each says which file', async () => {
  const root = mkdtempSync(join(tmpdir(), 'presage-bombs-'))
  mkdirSync(join(root, 'models'))
  const config = writeConfig((written) => ({
    repositories: [...written.repositories, root],
    models: { watch: true, poll: 200 },
  }))
  server = await startProcess(config)
  const { url } = server
  const come = async () => {
    const keys = Object.entries(yamlBombs).map(([, text], at) => {
      write(join(root, `models/bomb-${at}/1/model.yaml`), text)
      return `bomb-${at}@1`
    })
    mkdirSync(join(root, 'models/pipe/1'), { recursive: true })
    execFileSync('mkfifo', [join(root, 'models/pipe/1/model.yaml')])
    const isTold = (key: string) => async () => (await reasonOf(url, key)) !== undefined
    // The thread that reads files comes last, and the load leaves it little.
    for (const key of [...keys, 'pipe@1']) await until(isTold(key), { withinMs: 300_000 })
    return keys
  }
  const coming = come()
  const { answered, failures } = await load(url, 4, nextQuery, coming)
  expect(failures).toEqual([])
  expect(answered).toBeGreaterThan(50)
  for (const key of await coming) {
    const file = `models/${key.replace('@', '/')}/model.yaml`
    // Where other processes leave the thread that reads it no time, it is one that could not be read in time.
    expect(await reasonOf(url, key)).toMatch(new RegExp(`^(manifest|files): .*${file}`))
  }
  expect(await reasonOf(url, 'pipe@1')).toMatch(
    /models\/pipe\/1\/model\.yaml: must be a file, got something else$/,
  )

  const { code, err } = await runPresage(['--config', config, 'models', 'check'], packageRoot)
  expect(code).toBe(1)
  const [, first] = /^bomb-0@1 is not ready: (.*)$/m.exec(err) ?? []
  expect(first).toMatch(/models\/bomb-0\/1\/model\.yaml: must use at most 100 aliases, got 108/)
  rmSync(root, { recursive: true })
})

const ask = (url: string, mebibytes: number) =>
  Promise.all(Array.from({ length: 3 }, () => postQuery(url, allocate(mebibytes))))

it('threads: what a run took is given back, inline too, and the rows of others are answered', async () => {
  const root = allocatingRepository()
  server = await startProcess(
    writeConfig(({ repositories, shards }) => ({
      repositories: [...repositories, root],
      server: { timeout: 100_000 },
      shards: { main: { ...shards['main'], workers: 2 } },
    })),
  )
  const { url, pid } = server
  const before = treeMemory(pid)
  const { failures } = await load(url, 4, nextQuery, ask(url, 2048))
  expect(failures).toEqual([])
  await until(() => treeMemory(pid) < before + 400, { everyMs: 100 })
  const { data } = await postQuery(url, allocate(1))
  expect(data.tryModel).toEqual([{ y: 1 }])
  rmSync(root, { recursive: true })
})

it('threads: a version whose runs do not end costs itself alone, and nobody waits for it when the server ends', async () => {
  const root = loopingRepository()
  server = await startProcess(
    writeConfig(({ repositories, shards }) => ({
      repositories: [...repositories, root],
      server: { timeout: 20_000, grace: 100_000 },
      shards: { main: { ...shards['main'], workers: 1, inline: 'never', stallAfter: 2_000 } },
    })),
  )
  const { url } = server
  expect((await postQuery(url, loop(0))).data.tryModel).toEqual([{ y: 0 }])
  const isOut = async () => (await reasonOf(url, 'looping@1')) !== undefined
  const asking = askOneByOne(server, isOut)
  const { failures } = await load(url, 4, nextQuery, until(isOut))
  expect(failures).toEqual([])
  expect(await reasonOf(url, 'looping@1')).toBe(
    'runs: two workers have not come back from it; it is tried again once they have',
  )
  for (const { data } of await asking) expect(data.tryModel).toBeDefined()
  const { data } = await postQuery(url, nextQuery(1).query, nextQuery(1).variables)
  expect(data.titles).toHaveLength(5)
  expect(await server.stop('SIGTERM')).toBe('SIGTERM')
  expect(server.stderr()).toContain(
    'Presage is killed: all requests are answered, but runs of models do not end',
  )
  rmSync(root, { recursive: true })
})

/**
 * Rows whose runs do not end, the second once the first has cost its worker. Their clients wait for less time than others,
 * since the runs take a core each meanwhile; where the second was not begun in that time, there is another.
 */
async function askOneByOne({ url, stderr }: ServerProcess, isOut: () => Promise<boolean>) {
  const ask = (x: number) => postQuery(url, loop(x), {}, { 'x-presage-timeout-ms': '6000' })
  const answers = [ask(1)]
  await until(() => stderr().includes('is quarantined'))
  do {
    answers.push(ask(2))
    await answers.at(-1)
  } while (!(await isOut()))
  return Promise.all(answers)
}

it('processes: a worker that takes too much is replaced; the second time its version is out of service', async () => {
  const root = allocatingRepository()
  const budget = 700
  server = await startProcess(
    writeConfig(({ repositories, shards }) => ({
      repositories: [...repositories, root],
      server: { timeout: 100_000 },
      shards: {
        main: {
          ...shards['main'],
          kind: 'process',
          workers: 2,
          stallAfter: 10_000,
          memory: budget * 2 ** 20,
        },
      },
    })),
  )
  const { url, pid, stderr } = server
  const victims = server.children()
  // More than it can take while this process is late to look.
  const asking = ask(url, 7 * 1024)
  const { failures } = await load(url, 4, nextQuery, asking)
  expect(failures).toEqual([])
  for (const { data, errors } of await asking) {
    const code = errors?.[0].extensions.code ?? data.tryModel[0].error?.code
    expect(['WORKER_LOST', 'MODEL_NOT_READY']).toContain(code)
  }
  await until(() => treeMemory(pid) < 3 * budget, { everyMs: 100 })
  expect(await reasonOf(url, 'allocating@1')).toMatch(
    /^memory: two workers exceeded their limit within a short time; it took [\d,]+ MiB of memory and may take 700 MiB$/,
  )
  expect(stderr()).toMatch(
    /shard main: worker main-\d+ \(process \d+\) was lost: it took [\d,]+ MiB of memory and may/,
  )
  await until(() => server!.children().length === 2)
  expect(server.children()).not.toEqual(victims)
  // The others are as they were.
  const { data } = await postQuery(url, nextQuery(1).query, nextQuery(1).variables)
  expect(data.titles).toHaveLength(5)
  rmSync(root, { recursive: true })
})

function write(file: string, text: string): void {
  mkdirSync(join(file, '..'), { recursive: true })
  writeFileSync(file, text)
}
