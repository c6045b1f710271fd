/**
 * `npm run faults:fleet [-- --rate 50] [--lasts 5] [--calm 5] [--only PATTERN] [--log FILE]`: what becomes of requests to a
 * fleet while its parts fail: two gateways, two shards of two workers each, and a Redis, each on a host of its own, which
 * is a network namespace. Clients spread requests over the gateways. One fault after the other lasts so many seconds, with
 * as many of calm after it. Exits with 1 if a request failed, or p99 was not usual again two seconds after a fault had
 * begun, or had ended. Needs root for the namespaces; else hosts are addresses of the loopback, and none is cut off.
 */
import { appendFileSync, mkdtempSync, rmSync } from 'node:fs'
import { cpus, loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { readPositive } from '../../settings'
import { pause, pauseUntil, type Times, timesOf, usualLimit, within } from '../askedTimes'
import { nthBody } from '../placedModels'
import { type Asked, SteadyClients } from '../steadyClients'
import { type Fault, faultsOf } from './faults'
import { createFleet, type Fleet, type FleetOptions } from './fleet'
import { GatewayClients } from './gatewayClients'
import { canHaveNamespaces, endWithParent, hasOwnNamespaces, runInNamespaces } from './ownNamespaces'

const warmUpMs = 10_000
const calmMs = 10_000
/** Requests that took longer are in the log. */
const slowMs = 300
/** For so long after a change, answers may be slow. */
const settlesMs = 2_000
const folderName = 'PRESAGE_FAULTS_FOLDER'

type Said = FleetOptions['said']

interface Settings {
  /** Requests a second. */
  readonly rate: number
  readonly lastsMs: number
  readonly restMs: number
  /** Only faults with such names. */
  readonly only: RegExp
  /** A file for what the processes say. */
  readonly log: string | undefined
}

/** A fault, and the requests that count for it, in milliseconds since the beginning. */
interface Phase {
  readonly fault: Fault
  readonly from: number
  /** When it began to end, and when that was over: a process takes a while to start. */
  readonly ends: number
  readonly ended: number
  readonly until: number
}

async function main(): Promise<number> {
  const settings = readSettings()
  if (hasOwnNamespaces) {
    endWithParent()
    return run(settings, process.env[folderName]!)
  }
  const folder = mkdtempSync(join(tmpdir(), 'presage-faults-'))
  try {
    if (canHaveNamespaces()) return await runInNamespaces({ [folderName]: folder })
    console.log('no network namespaces here: hosts are addresses of the loopback, and none is cut off')
    return await run(settings, folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function readSettings(): Settings {
  const { values } = parseArgs({
    options: {
      rate: { type: 'string', default: '50' },
      lasts: { type: 'string', default: '5' },
      calm: { type: 'string', default: '5' },
      only: { type: 'string', default: '' },
      log: { type: 'string' },
    },
  })
  return {
    rate: readPositive('--rate', values.rate),
    lastsMs: readPositive('--lasts', values.lasts) * 1000,
    restMs: readPositive('--calm', values.calm) * 1000,
    only: new RegExp(values.only),
    log: values.log,
  }
}

/** Resolves with the exit code. */
async function run(settings: Settings, folder: string): Promise<number> {
  const { log } = settings
  let began = performance.now()
  const said: Said = (host, line) => {
    if (log) appendFileSync(log, `${((performance.now() - began) / 1000).toFixed(2)} ${host}: ${line}\n`)
  }
  const fleet = createFleet({ folder, inNamespaces: hasOwnNamespaces, said })
  const interrupted = new Promise<never>((_, reject) => {
    const stop = () => reject(new Error('interrupted'))
    process.once('SIGINT', stop).once('SIGTERM', stop)
  })
  const all = async () => {
    await fleet.start()
    const warming = new SteadyClients(new GatewayClients(fleet.urls), settings.rate, 0, nthBody)
    await pause(warmUpMs)
    await warming.stop()
    began = performance.now()
    return measure(fleet, settings, began, said)
  }
  try {
    return await Promise.race([all(), interrupted])
  } finally {
    await fleet.close()
  }
}

async function measure(fleet: Fleet, settings: Settings, began: number, said: Said): Promise<number> {
  const { rate, lastsMs, restMs, only } = settings
  const now = () => performance.now() - began
  const load = [loadText()]
  const clients = new SteadyClients(new GatewayClients(fleet.urls), rate, began, nthBody)
  await pause(calmMs)
  const phases: Phase[] = []
  for (const fault of faultsOf(fleet).filter(({ name }) => only.test(name))) {
    const from = now()
    const end = await fault.begin(fleet)
    await pauseUntil(began + from + (fault.lastsMs ?? lastsMs))
    const ends = now()
    await end()
    const ended = now()
    await pause(restMs)
    phases.push({ fault, from, ends, ended, until: now() })
  }
  load.push(loadText())
  await clients.stop()
  for (const { at, ms, failure } of clients.asked)
    if (ms > slowMs || failure)
      said(
        'clients',
        `a request of ${(at / 1000).toFixed(2)} took ${ms.toFixed(0)} ms${failure ? `: ${failure}` : ''}`,
      )
  console.log(`${cpus().length} cores, Node ${process.versions.node}, load ${load.join(', then ')}`)
  return tell(clients.asked, phases, timesOf(within(clients.asked, settlesMs, calmMs))) ? 0 : 1
}

/** Prints what became of the requests. Returns whether it is as it should be. */
function tell(asked: readonly Asked[], phases: readonly Phase[], calm: Times): boolean {
  const retried = asked.filter(({ isRetried }) => isRetried).length
  const limit = usualLimit(calm)
  console.log(
    `${asked.length} requests for 10 predictions each, ${retried} retried by the client; calm: p50 ${calm.p50.toFixed(1)} ms, p99 ${calm.p99.toFixed(1)} ms, so that up to ${limit.toFixed(0)} ms are usual`,
  )
  let isGood = true
  const table: Record<string, object> = {}
  for (const { fault, from, ends, ended, until } of phases) {
    // By when it was over: what was asked just before a fault suffers from it.
    const all = asked.filter(({ at, ms }) => at + ms >= from && at + ms < until)
    const failed = all.filter(({ failure }) => failure !== undefined)
    const { p50, p99 } = timesOf(all)
    const settled = [within(all, from + settlesMs, ends), within(all, ended + settlesMs, until)]
    const late = settled.map((those) => timesOf(those).p99)
    table[fault.name] = {
      requests: all.length,
      failed: failed.length,
      retried: all.filter(({ isRetried }) => isRetried).length,
      p50: p50.toFixed(0),
      p99: p99.toFixed(0),
      'p99 2 s after it began': settled[0].length === 0 ? '' : late[0].toFixed(0),
      '2 s after it ended': late[1].toFixed(0),
    }
    if (failed.length > 0 || late.some((ms) => ms > limit)) isGood = false
    for (const { at, failure } of failed.slice(0, 5))
      console.log(`  ${fault.name}, after ${((at - from) / 1000).toFixed(2)} s: ${failure?.slice(0, 150)}`)
  }
  console.table(table)
  return isGood
}

function loadText(): string {
  return loadavg()[0].toFixed(1)
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    console.error(error instanceof Error ? error.message : error)
    process.exit(1)
  },
)
