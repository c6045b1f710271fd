/**
 * `npm run bench`: raw ONNX Runtime, a hand-written endpoint and Presage, for 1 and 100 predictions, in one run. Rounds
 * alternate between the two servers; figures are medians of the rounds. Ratios are what counts: machines differ.
 */
import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { join } from 'node:path'
import { packageRoot } from '../lib/compiled'
import { type BenchCase, cases } from './cases'
import { closedLoop } from './closedLoop'
import { rawRuntimeMicros } from './rawRuntime'
import { type BenchServer, startHandwritten, startPresage } from './servers'

const ROUNDS = 5
const SECONDS = 2
const CLIENTS = 16

interface Figures {
  readonly requestsPerSecond: number
  readonly p50: number
  readonly p99: number
  readonly cpuMicros: number
}

interface Row {
  readonly case: string
  readonly model: string
  readonly rawRunMicros: number
  readonly handwritten: Figures
  readonly presage: Figures
  /** Server CPU per request, Presage over hand-written. */
  readonly cpuRatio: number
  readonly cpuRatios: readonly number[]
}

async function main(): Promise<void> {
  const presage = await startPresage()
  const rows: Row[] = []
  for (const [index, benchCase] of cases.entries()) {
    const handwritten = await startHandwritten(index)
    await sameAnswers(benchCase, handwritten, presage)
    rows.push(await measure(benchCase, handwritten, presage))
    handwritten.stop()
    print(rows[rows.length - 1])
  }
  presage.stop()
  save(rows)
}

async function measure(benchCase: BenchCase, handwritten: BenchServer, presage: BenchServer): Promise<Row> {
  const rawRunMicros = await rawRuntimeMicros(benchCase)
  for (const server of [handwritten, presage]) await round(benchCase, server, 0) // warms the code, not counted
  const rounds: { handwritten: Figures; presage: Figures }[] = []
  for (let number = 1; number <= ROUNDS; number++) {
    rounds.push({
      handwritten: await round(benchCase, handwritten, number),
      presage: await round(benchCase, presage, number),
    })
  }
  const cpuRatios = rounds.map((one) => one.presage.cpuMicros / one.handwritten.cpuMicros)
  return {
    case: benchCase.name,
    model: benchCase.model,
    rawRunMicros,
    handwritten: medians(rounds.map((one) => one.handwritten)),
    presage: medians(rounds.map((one) => one.presage)),
    cpuRatio: median(cpuRatios),
    cpuRatios,
  }
}

async function round(benchCase: BenchCase, server: BenchServer, number: number): Promise<Figures> {
  const { query } = benchCase
  const body = (n: number) => JSON.stringify({ query, variables: benchCase.variables(number * 100_003 + n) })
  const before = await server.cpuSeconds()
  const { requests, seconds, latencies } = await closedLoop(server.url, CLIENTS, SECONDS, body)
  const cpu = (await server.cpuSeconds()) - before
  return {
    requestsPerSecond: requests / seconds,
    p50: latencies[Math.floor(requests * 0.5)],
    p99: latencies[Math.floor(requests * 0.99)],
    cpuMicros: (cpu / requests) * 1e6,
  }
}

/** A ratio between two servers means something only if they say the same. */
async function sameAnswers(benchCase: BenchCase, ...servers: readonly BenchServer[]): Promise<void> {
  const body = JSON.stringify({ query: benchCase.query, variables: benchCase.variables(5) })
  const headers = { 'content-type': 'application/json' }
  const [left, right] = await Promise.all(
    servers.map(async ({ url }) => (await fetch(url, { method: 'POST', headers, body })).text()),
  )
  const same = JSON.stringify(JSON.parse(left)) === JSON.stringify(JSON.parse(right))
  if (!same) throw new Error(`${benchCase.name}: ${left.slice(0, 300)} is not ${right.slice(0, 300)}`)
}

function print(row: Row): void {
  const line = (name: string, figures: Figures) => {
    return `  ${name.padEnd(14)}${cell(figures.requestsPerSecond, 0)} requests/s  p50 ${cell(figures.p50, 2)} ms  p99 ${cell(figures.p99, 2)} ms  CPU ${cell(figures.cpuMicros, 0)} µs a request`
  }
  console.log(`${row.case}  (${row.model})`)
  console.log(
    `  ${'raw run'.padEnd(14)}${cell(1e6 / row.rawRunMicros, 0)} calls/s     ${row.rawRunMicros.toFixed(0)} µs a call`,
  )
  console.log(line('hand-written', row.handwritten))
  console.log(line('Presage', row.presage))
  const spread = `${Math.min(...row.cpuRatios).toFixed(2)} to ${Math.max(...row.cpuRatios).toFixed(2)}`
  const share = row.presage.requestsPerSecond / row.handwritten.requestsPerSecond
  console.log(`  CPU ratio ${row.cpuRatio.toFixed(2)} (${spread}), requests/s ratio ${share.toFixed(2)}\n`)
}

function save(rows: readonly Row[]): void {
  const git = (...args: string[]) => execFileSync('git', args, { cwd: packageRoot, encoding: 'utf8' }).trim()
  const result = {
    date: new Date().toISOString(),
    commit: git('rev-parse', '--short', 'HEAD'),
    changed: git('status', '--porcelain') !== '',
    node: process.version,
    cores: cpus().length,
    processor: cpus()[0]?.model,
    settings: { rounds: ROUNDS, seconds: SECONDS, clients: CLIENTS },
    rows,
  }
  const folder = join(packageRoot, 'bench/results')
  mkdirSync(folder, { recursive: true })
  writeFileSync(
    join(folder, `${result.date.slice(0, 10)}-${result.commit}.json`),
    `${JSON.stringify(result, null, 2)}\n`,
  )
}

function medians(all: readonly Figures[]): Figures {
  const of = (key: keyof Figures) => median(all.map((figures) => figures[key]))
  return {
    requestsPerSecond: of('requestsPerSecond'),
    p50: of('p50'),
    p99: of('p99'),
    cpuMicros: of('cpuMicros'),
  }
}

function median(values: readonly number[]): number {
  return [...values].sort((left, right) => left - right)[values.length >> 1]
}

function cell(value: number, digits: number): string {
  return value.toFixed(digits).padStart(7)
}

main().catch((error: unknown) => {
  console.error(error)
  process.exit(1)
})
