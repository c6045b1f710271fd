/**
 * `npm run bench:models [-- --versions 500] [--budget 512MiB] [--rounds 5] [--seconds 10] [--loads 1000]`: many versions behind one worker that
 * cannot hold them all. Traffic by Zipf's law (exponent 1) at a fixed rate: how often a version is in memory, how many are loaded, what
 * loads and departures do to the latency of the version that is asked most, beside the same traffic to versions that stay; and
 * the memory of the worker while it loads one version after the other. The floor is the traffic to versions that stay, beside another
 * program that takes as much of the cores as the loads did.
 */
import { type ChildProcess, fork } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { Agent, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { compiledPath } from '../../lib/packagePaths'
import { readOptions, runCommand } from '../command'
import { median } from '../measure'
import { type OpenLoad, type OpenLoopResult, openLoop } from '../openLoop'
import { percentile } from '../percentile'
import { cpuSecondsOf, residentMegabytesOf } from '../processTree'
import { stopped } from '../stopped'
import type { OtherWork } from './otherProgram'
import { type ManyModelsWorker, startManyModels } from './worker'
import { zipfDraw } from './zipf'

/** Requests a second to the version that is asked most, and to others. */
const hotRate = 150
const otherRate = 50

const connections = 32

interface Round {
  readonly hot: OpenLoopResult
  readonly others: OpenLoopResult
  readonly loads: number
  readonly megabytes: number
  /** Of the worker. */
  readonly cpuSeconds: number
}

const agent = new Agent({ keepAlive: true, maxSockets: 64 })

async function main(): Promise<void> {
  const defaults = { versions: 500, budget: '512MiB', rounds: 5, seconds: 10, loads: 1000 }
  const { versions, budget, rounds, seconds, loads } = readOptions(defaults)
  const folder = mkdtempSync(join(tmpdir(), 'presage-bench-many-models-'))
  const worker = await startManyModels(folder, versions, budget)
  const other = fork(compiledPath('bench/manyModels/otherProgram'))
  try {
    const held = await worker.loadedVersions()
    console.log(`${held} of ${versions} versions are in memory at the start: ${megabytes(worker)} MB`)
    const zipf = zipfDraw(versions)
    // Half of what fits stays in memory whatever comes.
    const staying = zipfDraw(Math.max(2, held >> 1))
    const askAll = async () => {
      for (let version = 0; version <= held >> 1; version++) await ask(worker, version)
    }
    const [calm, busy, floor]: Round[][] = [[], [], []]
    for (let round = 0; round <= rounds; round++) {
      await askAll()
      const seed = round + 1
      calm.push(await load(worker, { seconds, seed }, staying))
      busy.push(await load(worker, { seconds, seed }, zipf))
      const work = loadWork(calm[round], busy[round], seconds)
      await askAll()
      floor.push(await beside(other, work, () => load(worker, { seconds, seed }, staying)))
      console.log(
        `round ${round}: a load takes ${work.ms.toFixed(1)} ms of CPU, ${work.perSecond.toFixed(1)} a second`,
      )
    }
    const all = { staying: calm, 'coming and going': busy, 'staying, beside another program': floor }
    const table: Record<string, object> = {}
    for (const [name, [, ...those]] of Object.entries(all)) {
      // The first has warmed the code.
      const sum = (of: (round: Round) => number) => those.reduce((all, round) => all + of(round), 0)
      const p99s = those.map(({ hot }) => percentile(hot.sinceSent, 0.99))
      const loaded = sum((round) => round.loads)
      table[name] = {
        'hit rate': (1 - loaded / sum(({ others }) => others.sent)).toFixed(3),
        'loads a minute': ((loaded / (rounds * seconds)) * 60).toFixed(0),
        'p50 ms': median(those.map(({ hot }) => percentile(hot.sinceSent, 0.5))).toFixed(2),
        'p99 ms': median(p99s).toFixed(2),
        'p99 of each round': p99s.map((p99) => p99.toFixed(1)).join(' '),
        failures: sum(({ hot, others }) => failuresOf(hot) + failuresOf(others)),
        MB: Math.max(...those.map((round) => round.megabytes)).toFixed(0),
      }
    }
    console.table(table)
    await loadOneAfterAnother(worker, versions, loads)
  } finally {
    other.disconnect()
    await stopped(worker)
    rmSync(folder, { recursive: true, force: true })
  }
}

/** What the loads of a round took of the cores. */
function loadWork(calm: Round, busy: Round, seconds: number): OtherWork {
  const ms = busy.loads === 0 ? 0 : ((busy.cpuSeconds - calm.cpuSeconds) / busy.loads) * 1_000
  return { perSecond: busy.loads / seconds, ms: Math.max(0, ms) }
}

async function beside<T>(other: ChildProcess, work: OtherWork, run: () => Promise<T>): Promise<T> {
  other.send(work)
  try {
    return await run()
  } finally {
    other.send({ perSecond: 0, ms: 0 } satisfies OtherWork)
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

async function load(
  worker: ManyModelsWorker,
  { seconds, seed }: { readonly seconds: number; readonly seed: number },
  draw: () => number,
): Promise<Round> {
  const { url, body } = worker.requestOf(0)
  const ask = (perSecond: number, version: () => number, own: Pick<OpenLoad, 'seed' | 'onBegin'>) => {
    const path = () => worker.requestOf(version()).path
    return openLoop(url, { perSecond, seconds, connections, path, ...own }, () => body.toString())
  }
  let loadsBefore = 0
  let cpuBefore = 0
  const onBegin = async () => {
    loadsBefore = await worker.loads()
    cpuBefore = cpuSecondsOf(worker.pids)
  }
  const [hot, others] = await Promise.all([
    ask(hotRate, () => 0, { seed }),
    ask(otherRate, draw, { seed: -seed, onBegin }),
  ])
  const cpuSeconds = cpuSecondsOf(worker.pids) - cpuBefore
  const loads = (await worker.loads()) - loadsBefore
  return { hot, others, loads, megabytes: residentMegabytesOf(worker.pids), cpuSeconds }
}

function failuresOf({ sent, outcomes }: OpenLoopResult): number {
  return sent - outcomes.answered
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
