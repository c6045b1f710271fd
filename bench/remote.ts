/**
 * `npm run bench:remote [-- --seconds 3] [--rounds 5] [--servers worker,mlserver,triton] [--sizes 1,32,256]`: what a shard elsewhere costs. The example,
 * with the ratings of a page of titles predicted in its own process, and by servers elsewhere on loopback: `presage worker`, and foreign ones with the same
 * model. One client alone for the latency, eight for the CPU of all processes. Beside them a Node client of each server and nothing else.
 */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { compiledPath } from '../lib/packagePaths'
import { closedLoop } from './closedLoop'
import { readOptions, readPositive, runCommand } from './command'
import { median } from './measure'
import type { ModelServer } from './modelServers'
import { percentile } from './percentile'
import { cpuSecondsOf } from './processTree'
import type { ClientLoad } from './remoteClient'
import { type RemoteKind, type RemoteProtocol, startBefore, startRemoteServer } from './remoteShard'
import { type BenchServer, startPresage } from './servers'

/** What is measured: a way to the predictions. */
interface Way {
  readonly name: string
  measure(rows: number, seconds: number): Promise<Round>
}

interface Round {
  /** Absent for what answers no queries. */
  readonly p50?: number
  /** A request, of all processes that take part; a load generator is none of them. */
  readonly cpuMicros: number
}

const protocols: readonly RemoteProtocol[] = ['grpc', 'http']

async function main(): Promise<void> {
  const defaults = { seconds: 3, rounds: 5, servers: 'worker,mlserver,triton', sizes: '1,32,256' }
  const { seconds, rounds, ...values } = readOptions(defaults)
  const sizes = values.sizes.split(',').map((size) => readPositive('--sizes', size))
  const folder = mkdtempSync(join(tmpdir(), 'presage-bench-remote-'))
  const started: { stop(): void }[] = []
  try {
    const here = await startPresage()
    started.push(here)
    const ways: Way[] = [{ name: 'here', measure: (rows, time) => load(here, [], rows, time) }]
    for (const kind of values.servers.split(',')) {
      const server = await startRemoteServer(kind as RemoteKind, join(folder, kind))
      started.push(server)
      for (const protocol of protocols) {
        const gateway = await startBefore(server, protocol, join(folder, `${kind}-${protocol}`))
        started.push(gateway)
        const name = `${kind}, ${protocol}`
        ways.push({
          name: `presage and ${name}`,
          measure: (rows, time) => load(gateway, server.pids, rows, time),
        })
        ways.push({
          name: `client and ${name}`,
          measure: (rows, time) => loadByClient(server, protocol, rows, time),
        })
      }
    }
    const table: Record<string, object> = {}
    for (const rows of sizes) {
      const figures = await compare(ways, rows, rounds, seconds)
      const own = figures['here']
      for (const [name, { p50, cpuMicros }] of Object.entries(figures)) {
        table[`${rows} rows, ${name}`] = {
          'p50 ms': p50?.toFixed(3) ?? '',
          'added ms': p50 === undefined ? '' : (p50 - (own.p50 ?? 0)).toFixed(3),
          'CPU µs': cpuMicros.toFixed(0),
          'over here': (cpuMicros / own.cpuMicros).toFixed(2),
          'predictions a CPU s': ((rows / cpuMicros) * 1e6).toFixed(0),
        }
      }
    }
    console.table(table)
  } finally {
    for (const one of started) one.stop()
    // They write until they have ended.
    await new Promise((resolve) => setTimeout(resolve, 2_000))
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Medians of the rounds, in which the ways take turns. */
async function compare(
  ways: readonly Way[],
  rows: number,
  rounds: number,
  seconds: number,
): Promise<Record<string, Round>> {
  const all: Record<string, Round[]> = {}
  for (let round = 0; round <= rounds; round++) {
    for (const { name, measure } of ways) {
      const one = await measure(rows, seconds)
      // The first warms the code.
      if (round > 0) all[name] = [...(all[name] ?? []), one]
    }
  }
  return Object.fromEntries(
    Object.entries(all).map(([name, those]) => {
      const latencies = those.flatMap(({ p50 }) => p50 ?? [])
      const cpuMicros = median(those.map((one) => one.cpuMicros))
      return [name, { ...(latencies.length > 0 && { p50: median(latencies) }), cpuMicros }]
    }),
  )
}

/** Loads a gateway with queries; the CPU of the processes behind it counts too. */
async function load(
  gateway: BenchServer,
  behind: readonly number[],
  rows: number,
  seconds: number,
): Promise<Round> {
  const body = (n: number) =>
    JSON.stringify({
      query:
        'query ($member: ID!, $skip: Int, $first: Int) { titles(first: $first, skip: $skip) { id predictedRating(memberId: $member) } }',
      variables: { member: String(1 + (n % 671)), skip: n % 500, first: rows },
    })
  const pids = [...gateway.pids, ...behind]
  const { latencies } = await closedLoop(gateway.url, 1, seconds, body)
  const before = cpuSecondsOf(pids)
  const { requests } = await closedLoop(gateway.url, 8, seconds, body)
  const cpu = cpuSecondsOf(pids) - before
  return { p50: percentile(latencies, 0.5), cpuMicros: (cpu / requests) * 1e6 }
}

/** Has a Node client ask the server itself; its CPU counts too. */
async function loadByClient(
  { ports, pids }: ModelServer,
  protocol: RemoteProtocol,
  rows: number,
  seconds: number,
): Promise<Round> {
  const args = [protocol, `127.0.0.1:${ports[protocol]}`, String(rows), String(seconds)]
  const client = fork(compiledPath('bench/remoteClient'), args)
  const failed = once(client, 'exit').then(([code]) =>
    Promise.reject(new Error(`the client exited with ${code}`)),
  )
  // It ends by itself when all is measured.
  failed.catch(() => {})
  const message = () => Promise.race([once(client, 'message'), failed])
  await message()
  const before = cpuSecondsOf(pids)
  client.send('begin')
  const [result] = (await message()) as [ClientLoad]
  const cpu = cpuSecondsOf(pids) - before + result.cpuSeconds
  return { cpuMicros: (cpu / result.calls) * 1e6 }
}

runCommand(main)
