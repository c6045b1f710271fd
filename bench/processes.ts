/**
 * `npm run bench:processes [-- --seconds 5] [--rounds 3] [--processes 2] [--only CASE]`: all cores of one machine. The example in one process;
 * in several, each with workers of its own; and in several that share one `presage worker` on the same machine, so that
 * rows of all of them meet in its batches. Each has the same clients, by turns.
 */
import { spawn } from 'node:child_process'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { parse } from 'yaml'
import { packageRoot } from '../lib/packagePaths'
import { type BenchCase, pickCases } from './cases'
import { closedLoop } from './closedLoop'
import { readOptions, runCommand } from './command'
import { writeDeployment } from './deployment'
import { freePorts } from './freePorts'
import { median } from './measure'
import { percentile } from './percentile'
import { cpuSecondsOf } from './processTree'
import { asStarted, pinned, type Started, written } from './startProcess'

const script = join(packageRoot, 'dist/cli/presage.js')

interface Form {
  readonly name: string
  readonly server: Started
  /** Where the metrics of those that run models are. */
  readonly metricsUrl: string
}

interface Round {
  readonly perSecond: number
  readonly cpuMicros: number
  readonly p50: number
  readonly p99: number
  readonly rowsARun: number
}

async function main(): Promise<void> {
  const usual = ['messages-linear-1', 'titles-100', 'messages-100']
  const defaults = { seconds: 5, rounds: 3, processes: 2, clients: 32, only: usual }
  const { seconds, rounds, processes, clients, only } = readOptions(defaults)
  const count = String(processes)
  const table: Record<string, object> = {}
  for (const name of only) {
    const chosen = pickCases([name])
    if (chosen.length === 0) throw new Error(`--only: must be a case, got ${name}`)
    for (const benchCase of chosen) {
      const figures = await compare(benchCase, count, clients, rounds, seconds)
      for (const [form, all] of figures) table[`${benchCase.name}, ${form}`] = shown(all)
    }
  }
  console.table(table)
}

/** The rounds of each form, in which the forms take turns. The first, which warms the code, is left out. */
async function compare(
  benchCase: BenchCase,
  count: string,
  clients: number,
  rounds: number,
  seconds: number,
): Promise<ReadonlyMap<string, readonly Round[]>> {
  const figures = new Map<string, Round[]>()
  const forms: Form[] = []
  try {
    forms.push(await own('one process', benchCase, '1'))
    forms.push(await own(`${count} processes, workers of their own`, benchCase, count))
    forms.push(await shared(`${count} processes, one worker for all`, benchCase, count))
    for (let round = 0; round <= rounds; round++) {
      for (const form of forms) {
        const one = await measure(form, benchCase, clients, seconds)
        if (round > 0) figures.set(form.name, [...(figures.get(form.name) ?? []), one])
      }
    }
    return figures
  } finally {
    for (const { server } of forms) server.stop()
  }
}

async function measure(
  { server, metricsUrl }: Form,
  benchCase: BenchCase,
  clients: number,
  seconds: number,
): Promise<Round> {
  const body = (n: number) => JSON.stringify({ query: benchCase.query, variables: benchCase.variables(n) })
  const runs = await countRuns(metricsUrl)
  const cpu = cpuSecondsOf(server.pids)
  const { requests, seconds: took, latencies } = await closedLoop(server.url, clients, seconds, body)
  const used = cpuSecondsOf(server.pids) - cpu
  return {
    perSecond: requests / took,
    cpuMicros: (used / requests) * 1e6,
    p50: percentile(latencies, 0.5),
    p99: percentile(latencies, 0.99),
    rowsARun: (requests * benchCase.rows) / ((await countRuns(metricsUrl)) - runs),
  }
}

async function own(name: string, benchCase: BenchCase, count: string): Promise<Form> {
  const config = writeDeployment(benchCase, packageRoot)
  const server = await start(config, count)
  return { name, server, metricsUrl: server.url }
}

async function shared(name: string, benchCase: BenchCase, count: string): Promise<Form> {
  const config = writeDeployment(benchCase, packageRoot)
  const [http, grpc] = await freePorts(2)
  const deployment = parse(readFileSync(config, 'utf8'))
  const shards = { far: { endpoints: [`127.0.0.1:${http}`], protocol: 'http' } }
  writeFileSync(config, JSON.stringify({ ...deployment, shards }))
  const file = join(dirname(config), 'rules.yaml')
  writeFileSync(file, JSON.stringify({ ...parse(readFileSync(file, 'utf8')), placement: { '*': 'far' } }))
  const ports = ['--http-port', String(http), '--grpc-port', String(grpc)]
  const worker = await run(config, ['worker', '--shard', 'far', ...ports], /(Presage serves shard)/)
  const gateways = await start(config, count)
  const server = {
    url: gateways.url,
    pids: [...gateways.pids, ...worker.pids],
    stop() {
      gateways.stop()
      worker.stop()
    },
  }
  return { name, server, metricsUrl: `http://127.0.0.1:${http}` }
}

/** Starts the deployment, whose folder is removed when it has ended. */
async function start(config: string, count: string): Promise<Started> {
  const [port] = await freePorts(1)
  const args = ['start', '--port', String(port), '--processes', count]
  return run(config, args, /Presage serves (http:\S+)/, () =>
    rmSync(dirname(config), { recursive: true, force: true }),
  )
}

async function run(
  config: string,
  args: readonly string[],
  ready: RegExp,
  onExit = () => {},
): Promise<Started> {
  const command = pinned([process.execPath, script, '--config', config, ...args])
  const child = spawn(command[0], command.slice(1), { stdio: ['ignore', 'inherit', 'pipe'], env: asStarted })
  child.once('exit', onExit)
  const url = await written(child, 'stderr', ready)
  return { url, pids: [child.pid!], stop: () => child.kill() }
}

async function countRuns(url: string): Promise<number> {
  const text = await (await fetch(new URL('/metrics', url))).text()
  let runs = 0
  for (const [, value] of text.matchAll(/^presage_inference_exec_count_total\{[^}]*\} (\S+)$/gm))
    runs += Number(value)
  return runs
}

function shown(rounds: readonly Round[]): object {
  const of = (key: keyof Round) => median(rounds.map((round) => round[key]))
  return {
    'requests/s': of('perSecond').toFixed(0),
    'CPU µs': of('cpuMicros').toFixed(0),
    'p50 ms': of('p50').toFixed(2),
    'p99 ms': of('p99').toFixed(2),
    'rows a run': of('rowsARun').toFixed(0),
  }
}

runCommand(main)
