/**
 * `npm run faults:remote [-- --rate 50] [--phase 10] [--policies presage]`: what becomes of requests while servers of remote shards fail. Two shards of
 * two workers each, real processes; gateways that choose a server in different ways, each under the same load, ask them at the same time. One fault
 * after the other, each for half of a phase. Exits with 1 if a request to Presage as it is failed, or its answers stayed slow.
 */
import { parseArgs } from 'node:util'
import { cases } from '../cases'
import { percentile } from '../percentile'
import { readPositive } from '../settings'
import { type LongLived, openLongLived } from './longLived'
import { openStage, policies, type Stage } from './stage'
import { type Asked, SteadyClients } from './steadyClients'

/** Of each gateway by itself, so that compiling its code takes nobody's time. */
const warmUpMs = 5_000

interface Fault {
  readonly name: string
  begin(stage: Stage, calm: Calm): unknown
  end(stage: Stage): unknown
}

/** What is usual without a fault. */
interface Calm {
  readonly p50: number
  readonly p99: number
}

let longLived: LongLived | undefined

const faults: readonly Fault[] = [
  {
    name: 'killed with -9',
    begin: ({ workers }) => workers.ratings[0].kill('SIGKILL'),
    end: ({ workers }) => workers.ratings[0].start(),
  },
  {
    name: 'frozen',
    begin: ({ workers }) => workers.trust[0].kill('SIGSTOP'),
    end: ({ workers }) => workers.trust[0].kill('SIGCONT'),
  },
  {
    name: 'drained, 100 long-lived connections',
    async begin({ workers }) {
      const [worker] = workers.trust
      longLived = await openLongLived(worker.port, 100, 1_000)
      await worker.kill('SIGTERM')
    },
    async end({ workers }) {
      await longLived?.over
      await workers.trust[0].start()
    },
  },
  {
    name: '20 times slower',
    begin: ({ workers }, { p50 }) => workers.ratings[1].proxy?.suffer({ delayMs: 20 * p50 }),
    end: ({ workers }) => workers.ratings[1].proxy?.suffer({}),
  },
  {
    name: 'cut in its answers',
    begin: ({ workers }) => workers.trust[1].proxy?.suffer({ cutAfter: 100 }),
    end: ({ workers }) => workers.trust[1].proxy?.suffer({}),
  },
  {
    name: 'refusing connections',
    begin: ({ workers }) => workers.ratings[1].proxy?.close(),
    end: ({ workers }) => workers.ratings[1].proxy?.open(),
  },
]

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      rate: { type: 'string', default: '50' },
      phase: { type: 'string', default: '10' },
      policies: { type: 'string', default: Object.keys(policies).join(',') },
    },
  })
  const rate = readPositive('--rate', values.rate)
  const phaseMs = readPositive('--phase', values.phase) * 1000
  const names = values.policies.split(',')
  const stage = await openStage(names)
  try {
    for (const name of names) {
      const warming = new SteadyClients(stage.gateways[name].url, rate, 0, body)
      await pause(warmUpMs)
      await warming.stop()
    }
    const began = performance.now()
    const clients = Object.fromEntries(
      names.map((name) => [name, new SteadyClients(stage.gateways[name].url, rate, began, body)]),
    )
    await pauseUntil(began + phaseMs)
    const calm = Object.fromEntries(
      names.map((name) => [name, calmOf(within(clients[name].asked, phaseMs / 2, phaseMs))]),
    )
    for (const [at, fault] of faults.entries()) {
      const from = began + (at + 1) * phaseMs
      await pauseUntil(from)
      const beginning = fault.begin(stage, calm[names[0]])
      await pauseUntil(from + phaseMs / 2)
      await beginning
      await fault.end(stage)
    }
    await pauseUntil(began + (faults.length + 1) * phaseMs)
    await Promise.all(Object.values(clients).map((one) => one.stop()))
    let isGood = true
    for (const name of names)
      isGood = (await tell(name, stage, clients[name].asked, calm[name], phaseMs)) && isGood
    if (longLived !== undefined) {
      const failed = longLived.failures()
      console.log(
        `the ${longLived.connections} connections to the drained worker: ${longLived.answered()} requests answered, ${failed.length} failed`,
        failed.slice(0, 3),
      )
      isGood = failed.length === 0 && isGood
    }
    process.exitCode = isGood ? 0 : 1
  } finally {
    await stage.close()
  }
}

/** Prints what became of the requests to one gateway. Returns whether it is as it should be, if it is Presage as it is. */
async function tell(
  name: string,
  stage: Stage,
  asked: readonly Asked[],
  calm: Calm,
  phaseMs: number,
): Promise<boolean> {
  console.log(
    `\n${name}: ${asked.length} requests; calm: p50 ${calm.p50.toFixed(1)} ms, p99 ${calm.p99.toFixed(1)} ms`,
  )
  const limit = Math.max(3 * calm.p99, 100)
  let isGood = true
  const table: Record<string, object> = {}
  for (const [at, fault] of faults.entries()) {
    const from = (at + 1) * phaseMs
    const all = within(asked, from, from + phaseMs)
    const later = p99(within(asked, from + 2_000, from + phaseMs / 2))
    const failed = all.filter(({ failure }) => failure !== undefined)
    table[fault.name] = {
      requests: all.length,
      failed: failed.length,
      'p99 of 2 s': p99(within(asked, from, from + 2_000)).toFixed(0),
      'p99 then': later.toFixed(0),
      'p99 after its end': p99(within(asked, from + phaseMs / 2, from + phaseMs)).toFixed(0),
      'within 10 × p50, %': ((100 * all.filter((one) => isQuick(one, calm)).length) / all.length).toFixed(2),
    }
    if (failed.length > 0 || later > limit) isGood = false
    for (const { at: when, failure } of failed.slice(0, 3))
      console.log(`  ${fault.name}, after ${((when - from) / 1000).toFixed(2)} s: ${failure}`)
  }
  console.table(table)
  const text = await (await fetch(new URL('/metrics', stage.gateways[name].url))).text()
  const counted = ['retries', 'hedges'].map(
    (what) =>
      `${what} ${sumOf(text, `presage_batch_${what}_total`)} of ${sumOf(text, 'presage_inference_exec_count_total')} calls`,
  )
  console.log(counted.join(', '))
  return isGood || policies[name] !== undefined
}

function body(n: number): string {
  const { query, variables } = cases.find(({ name }) => name === (n % 2 === 0 ? 'titles-10' : 'messages-10'))!
  return JSON.stringify({ query, variables: variables(n) })
}

function within(asked: readonly Asked[], from: number, to: number): readonly Asked[] {
  return asked.filter(({ at }) => at >= from && at < to)
}

function calmOf(asked: readonly Asked[]): Calm {
  const times = asked.map(({ ms }) => ms).sort((a, b) => a - b)
  return { p50: percentile(times, 0.5), p99: percentile(times, 0.99) }
}

function isQuick({ ms, failure }: Asked, { p50 }: Calm): boolean {
  return failure === undefined && ms <= 10 * p50
}

function p99(asked: readonly Asked[]): number {
  return calmOf(asked).p99
}

function sumOf(metrics: string, name: string): number {
  const lines = metrics.split('\n').filter((line) => line.startsWith(`${name}{`))
  return lines.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0)
}

function pauseUntil(time: number): Promise<void> {
  return pause(Math.max(0, time - performance.now()))
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error)
  process.exit(1)
})
