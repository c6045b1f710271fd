/**
 * `npm run bench:balancer [-- --rounds 21]`: what the choice of a server costs a batch, with 4, 16 and 100 servers of a remote shard. One real worker
 * at as many addresses of this machine answers for all of them; only the choice is measured. Exits with 1 from 2 µs on.
 */
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { systemClock } from '../lib/clock'
import { noMetrics } from '../lib/metrics'
import { compiledPath, packageRoot } from '../lib/packagePaths'
import type { Model } from '../models/contracts/model'
import { staticMembers } from '../workers/members/staticMembers'
import { RemotePool } from '../workers/remote/remotePool'
import { readOptions, runCommand } from './command'
import { freePorts } from './freePorts'
import { median } from './measure'
import { production, written } from './startProcess'

const key = 'rating-predictor@4'
const graph = join(packageRoot, 'examples/streaming/movielens/models/rating-predictor/4/model.onnx')
const sizes = [4, 16, 100]
const choices = 20_000
const goalMicros = 2

async function main(): Promise<void> {
  const { rounds } = readOptions({ rounds: 21 })
  const [http, grpc] = await freePorts(2)
  const ports = ['--host', '0.0.0.0', '--http-port', String(http), '--grpc-port', String(grpc)]
  const script = compiledPath('cli/presage')
  const config = join(packageRoot, 'presage.yaml')
  const worker = spawn(
    process.execPath,
    [script, '--config', config, 'worker', '--shard', 'main', ...ports],
    { stdio: ['ignore', 'ignore', 'pipe'], env: production },
  )
  try {
    await written(worker, 'stderr', /(Presage serves shard)/)
    const table: Record<string, object> = {}
    for (const size of sizes) {
      const pool = await open(size, http)
      const micros = Array.from({ length: rounds }, () => choose(pool)).sort((a, b) => a - b)
      await pool.dispose()
      if (median(micros) >= goalMicros) process.exitCode = 1
      table[`${size} servers`] = {
        'median µs': median(micros).toFixed(2),
        'least µs': micros[0].toFixed(2),
        'most µs': micros[micros.length - 1].toFixed(2),
      }
    }
    console.table(table)
  } finally {
    worker.kill()
  }
}

/** A shard of so many servers that all serve the model. */
async function open(size: number, port: number): Promise<RemotePool> {
  const endpoints = Array.from({ length: size }, (_, at) => `127.0.0.${at + 1}:${port}`)
  const log = (line: string) => console.error(line)
  const pool = new RemotePool({
    name: 'far',
    members: staticMembers(endpoints),
    protocol: 'http',
    calls: 8,
    clock: systemClock,
    metrics: noMetrics,
    log,
  })
  await pool.load(key, graph)
  await pool.remote.verify({ key } as Model, async () => {})
  const up = pool.holders(key)
  if (up !== 8 * size) throw new Error(`${size} servers must serve ${key}, got ${up / 8}`)
  return pool
}

/** The mean microseconds of a choice. */
function choose(pool: RemotePool): number {
  const began = performance.now()
  for (let choice = 0; choice < choices; choice++) pool.idle(key)
  return ((performance.now() - began) / choices) * 1000
}

runCommand(main)
