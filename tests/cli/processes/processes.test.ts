import { cpSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { Agent, get, type IncomingMessage, request } from 'node:http'
import { dirname, join } from 'node:path'
import { json, text } from 'node:stream/consumers'
import { setTimeout as wait } from 'node:timers/promises'
import { loadConfig } from '../../../cli/config/config'
import { compiledPath } from '../../../lib/packagePaths'
import { readCounter } from '../../support/example'
import { freePort } from '../../support/freePort'
import { load } from '../../support/load'
import { startNode } from '../../support/nodeProcess'
import { runPresage } from '../../support/presageCommand'
import { type ServerProcess, startProcess } from '../../support/serverProcess'
import { writeSmallConfig } from '../../support/smallConfig'
import { until } from '../../support/until'

const nextQuery = (n: number) => ({
  query: 'query ($id: ID!) { orders { id returnRisk } order(id: $id) { returnRisk } }',
  variables: { id: String(1 + (n % 12)) },
})

/** On a connection of its own. One that a process which stands still has got is not answered; the next goes to the other. */
async function scrape(url: string): Promise<string> {
  const answer = await new Promise<string | undefined>((resolve, reject) => {
    const request = get(url, { agent: false, timeout: 3000 }, (response) => {
      text(response).then(resolve, reject)
    })
    request.once('timeout', () => {
      resolve(undefined)
      request.destroy()
    })
    request.once('error', reject)
  })
  return answer ?? scrape(url)
}

/** Clients ask until `event` has happened; then how they fared. */
const loaded = ({ url }: ServerProcess, event: Promise<void>, keepAlive = true) =>
  load(url, 2, nextQuery, event, { stays: true, keepAlive })
/** Processes start slowly beside clients that take what the machine has. */
const slowly = { withinMs: 110_000 }

describe('presage start with two processes', () => {
  let server: ServerProcess
  let config: string
  beforeAll(async () => {
    config = writeSmallConfig({ server: { processes: 2, grace: '8s' } })
    server = await startProcess(config)
  })
  afterAll(async () => {
    await server.stop('SIGKILL')
  })

  const metrics = () => server.url.replace('/graphql', '/metrics')
  /** The counters and histograms that only grow, by series. */
  const counts = async () => {
    const answer = await scrape(metrics())
    const lines = answer.matchAll(
      /^((?:presage|process_cpu|nodejs_gc)_\S+_(?:total|bucket|sum|count)(?:\{.*\})?) (\S+)$/gm,
    )
    return new Map(Array.from(lines, ([, series, value]) => [series, Number(value)]))
  }

  it('sums the metrics of both, whichever is asked', async () => {
    const before = await readCounter(metrics(), 'presage_http_requests_total')
    const { answered, failures } = await loaded(server, new Promise((resolve) => setTimeout(resolve, 500)))
    expect(failures).toEqual([])
    // Of a process that does not tell within a second, as where the machine stalls, it is what it told last.
    await until(
      async () => (await readCounter(metrics(), 'presage_http_requests_total')) === before + answered,
    )
    for (let time = 0; time < 4; time++)
      expect(await readCounter(metrics(), 'presage_http_requests_total')).toBe(before + answered)
    const text = await (await fetch(metrics())).text()
    expect(text.match(/^presage_http_requests_total\{/gm)).toHaveLength(1)
  })

  it('keeps what one that stands still, is replaced or dies had counted', async () => {
    const old = server.children()
    const known = await counts()
    const lost = async () => {
      const now = await counts()
      return [...known].filter(([series, value]) => !(now.get(series)! >= value))
    }
    const requests = () => readCounter(metrics(), 'presage_http_requests_total')
    const before = await requests()
    /** Settles when all that were answered are counted. */
    const isCounted = (answered: number) => until(async () => (await requests()) === before + answered)
    expect(before).toBeGreaterThan(0)

    process.kill(old[0], 'SIGSTOP')
    const lostWhileItStands = await lost().finally(() => process.kill(old[0], 'SIGCONT'))
    expect(lostWhileItStands).toEqual([])

    process.kill(server.pid, 'SIGUSR2')
    const replaced = until(() => {
      const now = server.children()
      return now.length === 2 && now.every((pid) => !old.includes(pid))
    }, slowly)
    const { answered } = await loaded(server, replaced)
    expect(await lost()).toEqual([])
    await isCounted(answered)

    const [victim] = server.children()
    process.kill(victim, 'SIGKILL')
    await until(() => server.children().length === 2 && !server.children().includes(victim), slowly)
    expect(await lost()).toEqual([])
    expect(await requests()).toBe(before + answered)
  })

  it.each([
    ['kept connections', true],
    ['a connection for each request', false],
  ])('replaces each by a new one on SIGUSR2, without a failed request, with %s', async (_, keepAlive) => {
    const old = server.children()
    expect(old).toHaveLength(2)
    process.kill(server.pid, 'SIGUSR2')
    const replaced = until(() => {
      const now = server.children()
      return now.length === 2 && now.every((pid) => !old.includes(pid))
    }, slowly)
    const { answered, failures } = await loaded(server, replaced, keepAlive)
    expect(failures).toEqual([])
    expect(answered).toBeGreaterThan(20)
    await until(() => server.stderr().trim().endsWith(`Presage serves ${server.url} with 2 processes`))
  })

  it('replaces one that dies; the other answers', async () => {
    const [victim, other] = server.children()
    const isReplaced = () => server.children().length === 2 && !server.children().includes(victim)
    const replaced = until(isReplaced, slowly)
    process.kill(victim, 'SIGKILL')
    const { failures } = await loaded(server, replaced, false)
    expect(failures).toEqual([])
    expect(server.children()).toContain(other)
    await until(() => /process [12] was ended by SIGKILL; another takes its place/.test(server.stderr()))
  })

  it('replaces one that stands still on SIGUSR2, and the other', async () => {
    const old = server.children()
    process.kill(old[0], 'SIGSTOP')
    process.kill(server.pid, 'SIGUSR2')
    await until(() => {
      const now = server.children()
      return now.length === 2 && now.every((pid) => !old.includes(pid))
    }, slowly)
  })

  it('ends them all on SIGTERM, and with 0, also when it comes twice at once', async () => {
    const pids = server.children()
    // Of one kind, two that come at once may be one.
    process.kill(server.pid, 'SIGINT')
    expect(await server.stop('SIGTERM')).toBe(0)
    for (const pid of pids) expect(() => process.kill(pid, 0)).toThrow('ESRCH')
  })
})

it('starts one that cannot start later and later, while the other answers', async () => {
  const config = writeSmallConfig({ server: { processes: 2 } })
  const server = await startProcess(config)
  await until(() => server.stderr().includes('with 2 processes'))
  renameSync(config, `${config}.away`)
  const [victim, other] = server.children()
  process.kill(victim, 'SIGKILL')
  // How long the first wait is depends on whether the victim had stayed.
  const waits = () =>
    [...server.stderr().matchAll(/ended with code 1; another takes its place in (\d+) s/g)].map(
      ([, seconds]) => Number(seconds),
    )
  const { failures } = await loaded(
    server,
    until(() => waits().length >= 2, slowly),
    false,
  )
  const [first, second] = waits()
  expect(second).toBe(2 * first)
  expect(failures).toEqual([])
  expect(server.stderr()).toContain('presage.yaml: must be a readable file, got no such file')
  renameSync(`${config}.away`, config)
  await until(() => server.children().length === 2, slowly)
  expect(server.children()).toContain(other)
  expect(await server.stop('SIGTERM')).toBe(0)
})

it('starts none any more once it is told to stop while one is being replaced', async () => {
  const config = writeSmallConfig({ server: { processes: 2, grace: '60s' } })
  const server = await startProcess(config)
  await until(() => server.stderr().includes('with 2 processes'))
  const old = server.children()
  for (const pid of old) process.kill(pid, 'SIGSTOP')
  process.kill(server.pid, 'SIGUSR2')
  // The first one's successor alone can answer, and then the first one is to end.
  expect((await fetch(server.url.replace('/graphql', '/health/live'))).status).toBe(200)
  const known = new Set(server.children())
  expect(known.size).toBe(3)
  const stopped = server.stop('SIGTERM')
  process.kill(old[0], 'SIGCONT')
  // The second one stands still.
  await until(() => server.children().every((pid) => pid === old[1] || !known.has(pid)))
  expect(server.children()).toEqual([old[1]])
  process.kill(old[1], 'SIGCONT')
  expect(await stopped).toBe(0)
})

it('lets one that is being replaced answer its requests also when all are told to stop meanwhile', async () => {
  const config = writeSmallConfig({ server: { processes: 2, grace: '60s' } })
  const server = await startProcess(config)
  await until(() => server.stderr().includes('with 2 processes'))
  const [first, second] = server.children()
  // So that the first one accepts.
  process.kill(second, 'SIGSTOP')
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  const isReady = async () => {
    const response = await new Promise<IncomingMessage>((resolve) => {
      get(server.url.replace('/graphql', '/health/ready'), { agent }, resolve)
    })
    await text(response)
    return response.statusCode === 200
  }
  expect(await isReady()).toBe(true)
  const headers = { 'content-type': 'application/json', expect: '100-continue' }
  const slow = request(server.url, { method: 'POST', agent: false, headers })
  const answered = new Promise<IncomingMessage>((resolve, reject) => {
    slow.once('response', resolve).once('error', reject)
  })
  answered.catch(() => {})
  slow.flushHeaders()
  await new Promise((resolve) => slow.once('continue', resolve))
  process.kill(second, 'SIGCONT')
  process.kill(server.pid, 'SIGUSR2')
  await until(async () => !(await isReady()))
  // Sooner than that it would be the same signal.
  await wait(1_000)
  const stopped = server.stop('SIGTERM')
  await until(() => server.children().every((pid) => pid === first))
  slow.end('{ "query": "{ __typename }" }')
  expect(await json(await answered)).toEqual({ data: { __typename: 'Query' } })
  expect(await stopped).toBe(0)
})

it('replaces each while the rule file has mistakes; none starts alone with it', async () => {
  const config = writeSmallConfig({ server: { processes: 2 } })
  const { rules } = loadConfig(config)
  const server = await startProcess(config)
  /** Settles when it has said so many times that two serve. */
  const isWhole = (times: number) =>
    until(() => server.stderr().split(`Presage serves ${server.url} with 2 processes`).length > times, slowly)
  await isWhole(1)
  writeFileSync(rules, 'objectives: {}')
  await until(() => server.stderr().includes('not published; the rules in effect stay'))
  const old = server.children()
  process.kill(server.pid, 'SIGUSR2')
  await isWhole(2)
  expect(server.children().filter((pid) => old.includes(pid))).toEqual([])
  expect(await server.stop('SIGTERM')).toBe(0)
  const { code, err } = await runPresage(['--config', config, 'start'])
  expect({ code, err }).toEqual({ code: 1, err: expect.stringContaining('rules.yaml') })
})

it('has each check its repositories where one is asked to', async () => {
  const config = writeSmallConfig({ server: { processes: 2 }, models: { watch: false } })
  const versions = join(dirname(config), 'models/return-risk')
  const server = await startProcess(config)
  await until(() => server.stderr().includes('with 2 processes'))
  const reload = async () => {
    const response = await fetch(server.url.replace('/graphql', '/v1/models:reload'), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{}',
    })
    return response.json()
  }
  // Until what was there at the start has stood still, what comes may be taken up unasked.
  expect(await reload()).toEqual({ done: [] })
  const next = join(dirname(config), 'next')
  cpSync(join(versions, '1'), next, { recursive: true })
  const manifest = readFileSync(join(next, 'model.yaml'), 'utf8')
  writeFileSync(join(next, 'model.yaml'), manifest.replace('version: "1"', 'version: "2"'))
  renameSync(next, join(versions, '2'))
  expect(await reload()).toEqual({ done: [expect.stringContaining('return-risk@2')] })
  // The answer may be here before the lines are.
  const tellers = () => new Set(server.stderr().match(/^process \d(?=: .*return-risk@2)/gm))
  await until(() => tellers().size === 2)
  expect(tellers()).toEqual(new Set(['process 1', 'process 2']))
  expect(await server.stop('SIGTERM')).toBe(0)
})

it('gateways alone say of each line which process it is from', async () => {
  const config = writeSmallConfig({
    server: { processes: 2 },
    gateway: { subgraphs: { none: { timeout: '50ms' } } },
  })
  const args = [compiledPath('cli/presage'), '--config', config, 'gateway', '--port', '0']
  const { stderr, stop } = await startNode(args, /Presage serves (\S+) with 2 processes/)
  const lines = stderr().split('\n')
  expect(lines.filter((line) => line.includes('gateway.subgraphs.none: must be')).sort()).toEqual([
    expect.stringMatching(/^process 1: /),
    expect.stringMatching(/^process 2: /),
  ])
  expect(await stop('SIGTERM')).toBe(0)
})

it('shows what the first one measures while it loads', async () => {
  const port = await freePort()
  const config = writeSmallConfig({ server: { processes: 2, port } })
  const args = [compiledPath('cli/presage'), '--config', config, 'start']
  const { stop } = await startNode(args, /^process 1: rules: version 1 is in effect/m)
  let shown = ''
  await until(async () => {
    shown = await fetch(`http://127.0.0.1:${port}/metrics`).then(
      (response) => response.text(),
      () => '',
    )
    return shown !== ''
  })
  await stop('SIGTERM')
  expect(shown).toContain('process_cpu_seconds_total')
})

it('replaces all once more where SIGUSR2 comes again meanwhile', async () => {
  const config = writeSmallConfig({ server: { processes: 2 } })
  const args = [compiledPath('cli/presage'), '--config', config, 'gateway', '--port', '0']
  const { pid, stderr, stop, written } = await startNode(args, /Presage serves (\S+) with 2 processes/)
  process.kill(pid, 'SIGUSR2')
  await written(/^every process is being replaced$/, 1)
  process.kill(pid, 'SIGUSR2')
  await written(/^every process is being replaced$/, 2)
  await written(/^Presage serves \S+ with 2 processes$/, 3)
  expect(stderr()).not.toContain('takes its place')
  expect(await stop('SIGTERM')).toBe(0)
})

it('tells a mistake once, and ends', async () => {
  const config = writeSmallConfig({ server: { processes: 2 }, graph: { subgraphs: 'none.yaml' } })
  const { code, err } = await runPresage(['--config', config, 'start'])
  expect({ code, problems: err.match(/none.yaml/g) }).toEqual({ code: 1, problems: ['none.yaml'] })
})

it.each(['0', 'many', ''])('takes no %p processes', async (count) => {
  const { code, err } = await runPresage(['start', '--processes', count])
  expect({ code, err }).toEqual({
    code: 1,
    err: expect.stringContaining('must be auto or a whole number from 1 on'),
  })
})
