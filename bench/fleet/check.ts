/**
 * `npm run bench:fleet:check [-- --seconds 80] [--rounds 3]`: whether the simulation is right. Two shards of this process ask four
 * `presage worker` processes for a model that takes 30 ms, and a simulated fleet with the service times that were measured
 * without load is asked as often. The machine's cores are shared, here and there.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { systemClock } from '../../lib/clock'
import { packageRoot } from '../../lib/packagePaths'
import type { Model } from '../../models/contracts/model'
import type { Tensors } from '../../models/types/tensor'
import { createShard, type Shard } from '../../workers/shard'
import { type BenchCase, cases } from '../cases'
import { readOptions, runCommand } from '../command'
import { writeDeployment } from '../deployment'
import { freePorts } from '../freePorts'
import { median } from '../measure'
import { percentile } from '../percentile'
import { asStarted, written } from '../startProcess'
import type { FleetOptions } from './fleet'
import { runTrial } from './trial'
import { calm } from './troubles'

const key = 'slow-mlp@1'
const workers = 4
const shards = 2
const maxRows = 4
const timeoutMs = 2_000
/** Between two requests that nothing else runs beside, on average. */
const idleMs = 60
/** Of what the cores can do with one row a run. */
const share = 0.25

const model = {
  key,
  manifest: { name: 'slow-mlp', version: '1', batching: { maxRows, maxDelayMs: 0 } },
  features: [],
  identity: [],
  preprocess: (_: unknown, rows: number): Tensors => ({
    features: { type: 'float32', dims: [rows, 57], data: new Float32Array(57 * rows).fill(0.5) },
  }),
  checkOutputs() {},
} as unknown as Model

async function main(): Promise<void> {
  const { seconds, rounds } = readOptions({ seconds: 80, rounds: 3 })
  const { endpoints, stop } = await startWorkers()
  try {
    const opened = await Promise.all(Array.from({ length: shards }, () => openShard(endpoints)))
    const table: object[] = []
    for (let round = 1; round <= rounds; round++) {
      const one = await serviceTimes(opened[0], 1)
      const full = await serviceTimes(opened[0], maxRows)
      const requestsPerSecond = (share * availableParallelism() * 1000) / median(one)
      const real = await ask(opened, requestsPerSecond, seconds)
      const rowMs = Math.max(0, (median(full) - median(one)) / (maxRows - 1))
      const simulated = await runTrial(
        fleetWith(requestsPerSecond, median(one) - rowMs, rowMs, variation(one)),
        calm(1_000_000),
        round,
      )
      table.push({
        'requests/s': requestsPerSecond.toFixed(1),
        'one row, ms': median(one).toFixed(1),
        'four rows, ms': median(full).toFixed(1),
        'varies by': variation(one).toFixed(2),
        'p50 ms': percentile(real, 0.5).toFixed(1),
        'predicted p50': simulated.p50.toFixed(1),
        'p99 ms': percentile(real, 0.99).toFixed(1),
        'predicted p99': simulated.p99.toFixed(1),
        'predicted/measured p99': (simulated.p99 / percentile(real, 0.99)).toFixed(2),
      })
    }
    await Promise.all(opened.map((shard) => shard.dispose()))
    console.table(table)
  } finally {
    stop()
  }
}

function fleetWith(requestsPerSecond: number, fixedMs: number, rowMs: number, jitter: number): FleetOptions {
  return {
    gateways: shards,
    servers: workers,
    sharedCores: availableParallelism(),
    calls: 8,
    copies: workers,
    versions: 1,
    tenants: 1,
    requestsPerSecond,
    rows: [1],
    timeoutMs,
    networkMs: 0.1,
    readMs: 0,
    startMs: 0,
    answerMs: 0,
    server: {
      callMs: 0.05,
      fixedMs,
      rowMs,
      maxRows,
      cores: 1,
      maxQueueRows: 50_000,
      versions: 1,
      loadMs: 100,
      jitter,
      pausesPerSecond: 0,
      pauseMs: 0,
      drainMs: 0,
      restartMs: 0,
    },
  }
}

/** The standard deviation of the logarithm, by the slowest twentieth. */
function variation(sorted: readonly number[]): number {
  return Math.log(percentile(sorted, 0.95) / median(sorted)) / 1.645
}

async function openShard(endpoints: readonly string[]): Promise<Shard> {
  const shard = await createShard({ name: 'far', kind: 'thread', workers: 1, remote: { endpoints } })
  await shard.load(key, join(packageRoot, 'tests/fixtures/awkward/models/slow-mlp/1/model.onnx'))
  shard.serve(model)
  await shard.remote?.verify(model, async (run) => {
    await run(model.preprocess([], 1))
  })
  return shard
}

/**
 * Milliseconds of requests that come one after the other, sorted. As under the load that follows, cores are idle before
 * each: what has just run there runs faster.
 */
async function serviceTimes(shard: Shard, rows: number): Promise<number[]> {
  const times: number[] = []
  for (let request = 0; request < 100; request++) {
    await pause(-Math.log(1 - Math.random()) * idleMs)
    times.push(await askOnce(shard, rows))
  }
  return times.sort((a, b) => a - b)
}

async function askOnce(shard: Shard, rows: number): Promise<number> {
  const began = systemClock.now()
  const [{ error }] = await shard.submit(key, [], rows, { deadline: began + timeoutMs })
  // A machine that is busy with other things may take as long.
  if (error?.code === 'DEADLINE_EXCEEDED') return timeoutMs
  if (error) throw error
  return systemClock.now() - began
}

/** Latencies under load, sorted; the requests come at random times. */
async function ask(opened: readonly Shard[], requestsPerSecond: number, seconds: number): Promise<number[]> {
  const latencies: number[] = []
  const running: Promise<unknown>[] = []
  const end = systemClock.now() + seconds * 1000
  for (let due = systemClock.now(); due < end; ) {
    due += (-Math.log(1 - Math.random()) / requestsPerSecond) * 1000
    await pause(Math.max(0, due - systemClock.now()))
    const shard = opened[Math.floor(Math.random() * opened.length)]
    running.push(askOnce(shard, 1).then((ms) => latencies.push(ms)))
  }
  await Promise.all(running)
  return latencies.sort((a, b) => a - b)
}

async function startWorkers(): Promise<{ endpoints: readonly string[]; stop: () => void }> {
  const file = writeDeployment(cases[0] as BenchCase, packageRoot)
  const folder = dirname(file)
  const config = JSON.parse(readFileSync(file, 'utf8'))
  const rules = JSON.parse(readFileSync(join(folder, 'rules.yaml'), 'utf8'))
  const repositories = [...config.repositories, join(packageRoot, 'tests/fixtures/awkward')]
  const far = { kind: 'thread', workers: 1, inline: 'never' }
  writeFileSync(file, JSON.stringify({ ...config, repositories, shards: { main: {}, far } }))
  const placement = { '*': 'main', 'slow-mlp': 'far' }
  writeFileSync(join(folder, 'rules.yaml'), JSON.stringify({ ...rules, placement }))
  const script = join(packageRoot, 'dist/cli/presage.js')
  const processes: ChildProcess[] = []
  const endpoints = await Promise.all(
    Array.from({ length: workers }, async () => {
      const [http, grpc] = await freePorts(2)
      const args = ['--http-port', String(http), '--grpc-port', String(grpc)]
      const command = [script, '--config', file, 'worker', '--shard', 'far', ...args]
      const started = spawn(process.execPath, command, {
        stdio: ['ignore', 'ignore', 'pipe'],
        env: asStarted,
      })
      processes.push(started)
      await written(started, 'stderr', /(Presage serves shard)/)
      return `127.0.0.1:${http}`
    }),
  )
  return {
    endpoints,
    stop() {
      for (const one of processes) one.kill('SIGKILL')
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

runCommand(main)
