/**
 * `npm run faults:remote [-- --rate 50] [--phase 10] [--policies presage]`: what becomes of requests while servers of remote shards fail. Two shards of
 * two workers each, real processes; gateways that choose a server in different ways, each under the same load, ask them at the same time. One fault
 * after the other, each for half of a phase. Exits with 1 if a request to Presage as it is failed, or its answers stayed slow.
 */
import { readOptions, runCommand } from '../command'
import { pause, pauseUntil, type Times, timesOf, usualLimit, within } from './askedTimes'
import { type LongLived, openLongLived } from './longLived'
import { OneServer } from './oneServer'
import { nthBody } from './placedModels'
import { openStage, policies, type Stage } from './stage'
import { type Asked, SteadyClients } from './steadyClients'

/** Of each gateway by itself, so that compiling its code takes nobody's time. */
const warmUpMs = 5_000

interface Fault {
  readonly name: string
  /** `calm`: what is usual without a fault. */
  begin(stage: Stage, calm: Times): unknown
  end(stage: Stage): unknown
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
  const defaults = { rate: 50, phase: 10, policies: Object.keys(policies).join() }
  const { rate, phase, policies: chosen } = readOptions(defaults)
  const phaseMs = phase * 1000
  const names = chosen.split(',')
  const stage = await openStage(names)
  try {
    for (const name of names) {
      const warming = new SteadyClients(new OneServer(stage.gateways[name].url), rate, 0, nthBody)
      await pause(warmUpMs)
      await warming.stop()
    }
    const began = performance.now()
    const clients = Object.fromEntries(
      names.map((name) => [
        name,
        new SteadyClients(new OneServer(stage.gateways[name].url), rate, began, nthBody),
      ]),
    )
    await pauseUntil(began + phaseMs)
    const calm = Object.fromEntries(
      names.map((name) => [name, timesOf(within(clients[name].asked, phaseMs / 2, phaseMs))]),
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
  calm: Times,
  phaseMs: number,
): Promise<boolean> {
  console.log(
    `\n${name}: ${asked.length} requests; calm: p50 ${calm.p50.toFixed(1)} ms, p99 ${calm.p99.toFixed(1)} ms`,
  )
  const limit = usualLimit(calm)
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

function isQuick({ ms, failure }: Asked, { p50 }: Times): boolean {
  return failure === undefined && ms <= 10 * p50
}

function p99(asked: readonly Asked[]): number {
  return timesOf(asked).p99
}

function sumOf(metrics: string, name: string): number {
  const lines = metrics.split('\n').filter((line) => line.startsWith(`${name}{`))
  return lines.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0)
}

runCommand(main)
