/**
 * `npm run bench:models [-- --versions 500] [--budget 512MiB] [--rounds 5] [--seconds 10] [--loads 1000]`: many versions behind one worker that
 * cannot hold them all. Traffic by Zipf's law (exponent 1) at a fixed rate: how often a version is in memory, how many are loaded, what
 * loads and departures do to the latency of the version that is asked most, beside the same traffic to versions that stay; and
 * the memory of the worker while it loads one version after the other.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { Agent, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readOptions, runCommand } from '../command'
import { median } from '../measure'
import { percentile } from '../percentile'
import { residentMegabytesOf } from '../processTree'
import { stopped } from '../stopped'
import { type ManyModelsWorker, startManyModels } from './worker'
import { zipfDraw } from './zipf'

/** Requests a second to the version that is asked most, and to others. */
const hotRate = 150
const otherRate = 50

interface Round {
  readonly hot: readonly number[]
  readonly others: number
  readonly loads: number
  readonly failures: number
  readonly megabytes: number
}

const agent = new Agent({ keepAlive: true, maxSockets: 64 })

async function main(): Promise<void> {
  const defaults = { versions: 500, budget: '512MiB', rounds: 5, seconds: 10, loads: 1000 }
  const { versions, budget, rounds, seconds, loads } = readOptions(defaults)
  const folder = mkdtempSync(join(tmpdir(), 'presage-bench-many-models-'))
  const worker = await startManyModels(folder, versions, budget)
  try {
    const held = await worker.loadedVersions()
    console.log(`${held} of ${versions} versions are in memory at the start: ${megabytes(worker)} MB`)
    const zipf = zipfDraw(versions)
    // Half of what fits stays in memory whatever comes.
    const staying = zipfDraw(Math.max(2, held >> 1))
    const all: Record<'staying' | 'coming and going', Round[]> = { staying: [], 'coming and going': [] }
    for (let round = 0; round <= rounds; round++) {
      for (let version = 0; version <= held >> 1; version++) await ask(worker, version)
      const calm = await load(worker, seconds, staying)
      const busy = await load(worker, seconds, zipf)
      // The first warms the code.
      if (round === 0) continue
      all.staying.push(calm)
      all['coming and going'].push(busy)
    }
    const table: Record<string, object> = {}
    for (const [name, those] of Object.entries(all)) {
      const others = those.reduce((sum, round) => sum + round.others, 0)
      const loaded = those.reduce((sum, round) => sum + round.loads, 0)
      table[name] = {
        'hit rate': (1 - loaded / others).toFixed(3),
        'loads a minute': ((loaded / (rounds * seconds)) * 60).toFixed(0),
        'p50 ms': median(those.map(({ hot }) => percentile(hot, 0.5))).toFixed(2),
        'p99 ms': median(those.map(({ hot }) => percentile(hot, 0.99))).toFixed(2),
        'p99 of each round': those.map(({ hot }) => percentile(hot, 0.99).toFixed(1)).join(' '),
        failures: those.reduce((sum, round) => sum + round.failures, 0),
        MB: Math.max(...those.map((round) => round.megabytes)).toFixed(0),
      }
    }
    console.table(table)
    await loadOneAfterAnother(worker, versions, loads)
  } finally {
    await stopped(worker)
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Each request to the version that has been away the longest. */
async function loadOneAfterAnother(worker: ManyModelsWorker, versions: number, loads: number): Promise<void> {
  const before = await worker.loads()
  const began = performance.now()
  const told: string[] = []
  for (let n = 0; n < loads; n++) {
    if (n % Math.ceil(loads / 10) === 0) told.push(megabytes(worker))
    await ask(worker, n % versions)
  }
  told.push(megabytes(worker))
  const made = (await worker.loads()) - before
  const each = ((performance.now() - began) / made).toFixed(1)
  console.log(`${made} loads in a row, ${each} ms each; MB of the worker meanwhile: ${told.join(' ')}`)
}

/** An open loop: requests start when they are due, whatever became of the earlier ones. */
async function load(worker: ManyModelsWorker, seconds: number, draw: () => number): Promise<Round> {
  const loadsBefore = await worker.loads()
  const hot: number[] = []
  const running: Promise<void>[] = []
  let others = 0
  let failures = 0
  const send = (version: number, times?: number[]) => {
    const began = performance.now()
    running.push(
      ask(worker, version).then(
        () => times?.push(performance.now() - began),
        (error: Error) => {
          if (failures++ === 0) console.log(`failed: ${error.message}`)
        },
      ) as Promise<void>,
    )
  }
  const stopHot = every(1_000 / hotRate, () => send(0, hot))
  const stopOthers = every(1_000 / otherRate, () => {
    others++
    send(draw())
  })
  await new Promise((resolve) => setTimeout(resolve, seconds * 1_000))
  stopHot()
  stopOthers()
  await Promise.all(running)
  const loads = (await worker.loads()) - loadsBefore
  return {
    hot: hot.sort((a, b) => a - b),
    others,
    loads,
    failures,
    megabytes: residentMegabytesOf(worker.pids),
  }
}

/** Calls as often as is due at this pace, and returns what stops it. */
function every(ms: number, call: () => void): () => void {
  const began = performance.now()
  let calls = 0
  const timer = setInterval(() => {
    for (; calls < (performance.now() - began) / ms; calls++) call()
  }, 1)
  return () => clearInterval(timer)
}

function ask(worker: ManyModelsWorker, version: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const { url, path, body } = worker.requestOf(version)
    const call = request(
      `${url}${path}`,
      { method: 'POST', agent, headers: { 'content-length': body.length } },
      (response) => {
        let text = ''
        response.setEncoding('utf8').on('data', (piece: string) => {
          text += piece
        })
        response.once('end', () => (response.statusCode === 200 ? resolve() : reject(new Error(text))))
      },
    )
    call.once('error', reject)
    call.end(body)
  })
}

function megabytes({ pids }: ManyModelsWorker): string {
  return residentMegabytesOf(pids).toFixed(0)
}

runCommand(main)
