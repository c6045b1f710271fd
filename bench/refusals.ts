/**
 * `npm run bench:refusals [-- --only CASE] [--quick]`: what a refused request costs, as a share of what it costs to answer the same one. One
 * server answers; the others refuse the same rows, each by another limit. Two floors stand beside them: the same operation without its
 * predictions, and node:http that writes the bytes of a refusal and does nothing else. All are asked by turns. Prints, and saves nothing.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parse } from 'yaml'
import { packageRoot } from '../lib/packagePaths'
import { type BenchCase, pickCases } from './cases'
import { closedLoop } from './closedLoop'
import { readOptions, runCommand } from './command'
import { writeDeployment } from './deployment'
import { bodies, median } from './measure'
import type { Outcome } from './outcome'
import { cpuSecondsOf, withDescendants } from './processTree'
import { type BenchServer, startPresage, startPresageFor } from './servers'
import { full, quick, type Settings } from './settings'
import { startNode } from './startProcess'
import { stopped } from './stopped'

interface Contestant {
  readonly server: BenchServer
  readonly expected: readonly Outcome[]
  /** Instead of the case's own. */
  readonly query?: string
}

interface Deployment {
  readonly config: Readonly<Record<string, unknown>>
  readonly limits?: Readonly<Record<string, unknown>>
}

const answered = 'answered'

async function main(): Promise<void> {
  const values = readOptions({ only: ['titles-100', 'messages-100'], quick: false })
  const chosen = pickCases(values.only)
  if (chosen.length === 0) throw new Error(`--only: must name a case, got ${values.only.join(', ')}`)
  for (const benchCase of chosen) await compare(benchCase, values.quick ? quick : full)
}

async function compare(benchCase: BenchCase, settings: Settings): Promise<void> {
  const contestants = new Map<string, Contestant>()
  try {
    const server = await startPresageFor(benchCase)
    contestants.set(answered, { server, expected: ['answered'] })
    const perSecond = { config: {}, limits: { perSecond: 1 } }
    contestants.set('perSecond', { server: await start(benchCase, perSecond), expected: ['refused'] })

    const perTenant = { config: {}, limits: { perSecond: 1, per: 'tenant' } }
    contestants.set('perSecond of a tenant', {
      server: await start(benchCase, perTenant),
      expected: ['refused'],
    })
    contestants.set('concurrency', { server: await startOccupied(benchCase), expected: ['refused'] })
    const oneRow = { config: { limits: { predictionRows: 1 } } }
    contestants.set('TOO_MANY_ROWS', { server: await start(benchCase, oneRow), expected: ['failed'] })
    const oneRequest = { config: { limits: { requestsPerSecond: 1 } } }
    contestants.set('requestsPerSecond', {
      server: await start(benchCase, oneRequest),
      // One a second is within the limit.
      expected: ['refused', 'answered'],
    })
    const fixed = await startFixed(benchCase, contestants.get('perSecond')!.server)
    contestants.set('node:http, same bytes', { server: fixed, expected: ['refused'] })
    const query = withoutPredictions[benchCase.endpoint]
    // The same server again; it is stopped twice, which does no harm.
    if (query !== undefined) contestants.set('without predictions', { server, expected: ['answered'], query })
    const micros = new Map([...contestants.keys()].map((name) => [name, [] as number[]]))
    // The first round is not counted: it warms the code.
    for (let number = 0; number <= settings.rounds; number++) {
      for (const [name, contestant] of contestants) {
        const cost = await cpuMicros(benchCase, contestant, settings, number)
        if (number > 0) micros.get(name)!.push(cost)
      }
    }
    print(benchCase, micros)
  } finally {
    for (const { server } of contestants.values()) await stopped(server)
  }
}

async function cpuMicros(
  benchCase: BenchCase,
  { server, expected, query = benchCase.query }: Contestant,
  { clients, seconds }: Settings,
  number: number,
): Promise<number> {
  const before = cpuSecondsOf(server.pids)
  const asked = bodies({ ...benchCase, query }, number)
  const sleep = stayAwake()
  const { requests } = await closedLoop(server.url, clients, seconds, asked, expected).finally(sleep)
  return ((cpuSecondsOf(server.pids) - before) / requests) * 1e6
}

/**
 * Keeps this process from sleeping until the result is called. To wake a client costs a server on the same machine some
 * 15 µs for each of the refusals, which come one by one, and next to nothing for answers, which come together.
 */
function stayAwake(): () => void {
  let isOver = false
  const turn = () => {
    if (!isOver) setImmediate(turn)
  }
  turn()
  return () => {
    isOver = true
  }
}

/** The example, with changes laid over its configuration and limits in the rules of the case's objectives. */
async function start(benchCase: BenchCase, { config, limits }: Deployment): Promise<BenchServer> {
  const written = writeDeployment(benchCase, packageRoot)
  const folder = join(written, '..')
  const own = parse(readFileSync(written, 'utf8')) as Record<string, object>
  writeFileSync(written, JSON.stringify({ ...own, ...config }))
  const rulesFile = join(folder, 'rules.yaml')
  const rules = parse(readFileSync(rulesFile, 'utf8')) as { objectives: Record<string, object> }
  for (const { objective } of benchCase.models) Object.assign(rules.objectives[objective], { limits })
  writeFileSync(rulesFile, JSON.stringify(rules))
  return startPresage(packageRoot, written, () => rmSync(folder, { recursive: true, force: true }))
}

/** Writes what the server answers when it refuses. */
async function startFixed(benchCase: BenchCase, refusing: BenchServer): Promise<BenchServer> {
  const body = bodies(benchCase, 0)
  const headers = { 'content-type': 'application/json' }
  let text = ''
  // The first row is let through.
  for (let n = 0; n < 2; n++)
    text = await (await fetch(refusing.url, { method: 'POST', headers, body: body(n) })).text()
  const folder = mkdtempSync(join(tmpdir(), 'presage-bench-refusals-'))
  writeFileSync(join(folder, 'answer.json'), text)
  const server = await startNode('bench/fixedAnswer', [join(folder, 'answer.json')])
  rmSync(folder, { recursive: true })
  return server
}

/** One request is inside, at a worker that is stopped, and there is room for one. */
async function startOccupied(benchCase: BenchCase): Promise<BenchServer> {
  const server = await start(benchCase, {
    config: {
      server: { timeout: '10m' },
      shards: { main: { kind: 'process', workers: 1, stallAfter: '10m' } },
    },
    limits: { concurrency: 1 },
  })
  const workers = withDescendants(server.pids).filter((pid) => !server.pids.includes(pid))
  for (const pid of workers) process.kill(pid, 'SIGSTOP')
  const body = bodies(benchCase, 0)(0)
  const headers = { 'content-type': 'application/json' }
  fetch(server.url, { method: 'POST', headers, body }).catch(() => {})
  return {
    ...server,
    stop: () => {
      for (const pid of workers) process.kill(pid, 'SIGCONT')
      server.stop()
    },
  }
}

/** By what is asked: the same without what is predicted. */
const withoutPredictions: Partial<Record<BenchCase['endpoint'], string>> = {
  titles: 'query ($n: Int!, $s: Int) { titles(first: $n, skip: $s) { id } }',
  messages: 'query ($n: Int!, $s: Int) { messages(first: $n, skip: $s) { id } }',
}

function print({ title, name }: BenchCase, micros: ReadonlyMap<string, readonly number[]>): void {
  const answers = micros.get(answered)!
  console.log(`${name}: ${title}`)
  for (const [contestant, costs] of micros) {
    const cost = `${median(costs).toFixed(0).padStart(6)} µs CPU a request`
    const ratios = costs.map((one, at) => one / answers[at])
    const spread = `(${Math.min(...ratios).toFixed(2)} to ${Math.max(...ratios).toFixed(2)})`
    console.log(`  ${contestant.padEnd(24)}${cost}  ${median(ratios).toFixed(2)} of an answer ${spread}`)
  }
  console.log('')
}

runCommand(main)
