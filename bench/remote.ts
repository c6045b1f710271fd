/**
 * `npm run bench:remote [-- --seconds 3] [--rounds 5]`: what a shard elsewhere costs. The example, with the ratings of a page of titles predicted in
 * its own process, and by a worker over gRPC and over HTTP on loopback. One client alone for the latency, eight for the CPU of all processes.
 */
import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { parse } from 'yaml'
import { packageRoot } from '../lib/packagePaths'
import { type BenchCase, cases } from './cases'
import { closedLoop } from './closedLoop'
import { writeDeployment } from './deployment'
import { freePorts } from './freePorts'
import { median } from './measure'
import { percentile } from './percentile'
import { cpuSecondsOf } from './processTree'
import { type BenchServer, startPresage } from './servers'
import { readPositive } from './settings'
import { asStarted, pinned, written } from './startProcess'

const sizes = [1, 32, 256]

interface Round {
  readonly p50: number
  readonly cpuMicros: number
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { seconds: { type: 'string', default: '3' }, rounds: { type: 'string', default: '5' } },
  })
  const seconds = readPositive('--seconds', values.seconds)
  const rounds = readPositive('--rounds', values.rounds)
  const folder = mkdtempSync(join(tmpdir(), 'presage-bench-remote-'))
  const servers: Record<string, BenchServer> = {}
  try {
    servers['here'] = await startPresage()
    servers['grpc'] = await startRemote(join(folder, 'grpc'), 'grpc')
    servers['http'] = await startRemote(join(folder, 'http'), 'http')
    const table: Record<string, object> = {}
    for (const rows of sizes) {
      const figures = await compare(servers, rows, rounds, seconds)
      const here = figures['here']
      for (const [name, { p50, cpuMicros }] of Object.entries(figures)) {
        table[`${rows} rows, ${name}`] = {
          'p50 ms': p50.toFixed(3),
          'added ms': (p50 - here.p50).toFixed(3),
          'CPU µs': cpuMicros.toFixed(0),
          'over here': (cpuMicros / here.cpuMicros).toFixed(2),
        }
      }
    }
    console.table(table)
  } finally {
    for (const server of Object.values(servers)) server.stop()
    // They write until they have ended.
    await new Promise((resolve) => setTimeout(resolve, 2_000))
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Medians of the rounds, in which the servers take turns. */
async function compare(
  servers: Readonly<Record<string, BenchServer>>,
  rows: number,
  rounds: number,
  seconds: number,
): Promise<Record<string, Round>> {
  const all: Record<string, Round[]> = {}
  for (let round = 0; round <= rounds; round++) {
    for (const [name, server] of Object.entries(servers)) {
      const one = await load(server, rows, seconds)
      // The first warms the code.
      if (round > 0) all[name] = [...(all[name] ?? []), one]
    }
  }
  return Object.fromEntries(
    Object.entries(all).map(([name, those]) => [
      name,
      {
        p50: median(those.map(({ p50 }) => p50)),
        cpuMicros: median(those.map(({ cpuMicros }) => cpuMicros)),
      },
    ]),
  )
}

async function load(server: BenchServer, rows: number, seconds: number): Promise<Round> {
  const body = (n: number) =>
    JSON.stringify({
      query:
        'query ($member: ID!, $skip: Int, $first: Int) { titles(first: $first, skip: $skip) { id predictedRating(memberId: $member) } }',
      variables: { member: String(1 + (n % 671)), skip: n % 500, first: rows },
    })
  const { latencies } = await closedLoop(server.url, 1, seconds, body)
  const before = cpuSecondsOf(server.pids)
  const { requests } = await closedLoop(server.url, 8, seconds, body)
  const cpu = cpuSecondsOf(server.pids) - before
  return { p50: percentile(latencies, 0.5), cpuMicros: (cpu / requests) * 1e6 }
}

/** The deployment of the example with the ratings on a shard of one worker. */
async function startRemote(folder: string, protocol: 'grpc' | 'http'): Promise<BenchServer> {
  mkdirSync(folder)
  const [http, grpc] = await freePorts(2)
  const endpoints = [`127.0.0.1:${protocol === 'grpc' ? grpc : http}`]
  const deployment = writeDeployment(
    cases.find(({ name }) => name === 'titles-100') as BenchCase,
    packageRoot,
  )
  const config = parse(readFileSync(deployment, 'utf8'))
  const rules = parse(readFileSync(join(deployment, '../rules.yaml'), 'utf8'))
  const file = join(folder, 'presage.yaml')
  writeFileSync(file, JSON.stringify({ ...config, shards: { main: {}, far: { endpoints, protocol } } }))
  writeFileSync(
    join(folder, 'rules.yaml'),
    JSON.stringify({ ...rules, placement: { '*': 'main', 'rating-predictor': 'far' } }),
  )
  rmSync(join(deployment, '..'), { recursive: true, force: true })
  const script = join(packageRoot, 'dist/cli/presage.js')
  const args = [
    '--config',
    file,
    'worker',
    '--shard',
    'far',
    '--http-port',
    String(http),
    '--grpc-port',
    String(grpc),
  ]
  const command = pinned([process.execPath, script, ...args])
  const worker = spawn(command[0], command.slice(1), { stdio: ['ignore', 'inherit', 'pipe'], env: asStarted })
  await written(worker, 'stderr', /(Presage serves shard)/)
  const gateway = await startPresage(packageRoot, file)
  return {
    ...gateway,
    pids: [...gateway.pids, worker.pid!],
    stop() {
      gateway.stop()
      worker.kill('SIGKILL')
    },
  }
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error)
  process.exit(1)
})
