/**
 * `npm run bench:tenants [-- --only requests,runs] [--places alone,workers] [--limits no,rows,requests,both] [--by direct,proxy] [--tenants 10]
 * [--headroom 1.1] [--seconds 20] [--rounds 3]`: what a tenant's tenfold load costs its neighbour, with real processes. Both have verified tokens.
 * The neighbour asks a hundred times a second for five predictions of a quick model. The other asks for another model of the same shard, by turns for
 * its share of what the deployment can answer and for ten times as much: without a limit, with one of its rows in the rules, with one of its
 * requests at the door, and with both. A limit is `headroom` times its share, and a share is a part of what so many `tenants` would fill. The floor is the
 * neighbour's p99 while the tenfold load goes to a second deployment on the same machine: what the other takes of its cores costs the neighbour,
 * whatever a deployment does.
 */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { compiledPath } from '../../lib/packagePaths'
import { closedLoop } from '../closedLoop'
import { readOptions, runCommand } from '../command'
import { median } from '../measure'
import { openLoop } from '../openLoop'
import { origins } from '../origins'
import { percentile } from '../percentile'
import type { BenchServer } from '../servers'
import { headersOf, places, type TenantLimits } from './deployments'
import type { FloodCounts } from './flood'
import { type Flood, floodBody, floods, question } from './floods'

const perSecond = 100

interface Round {
  readonly p50: number
  readonly p99: number
  /** The neighbour's requests without an answer. */
  readonly lost: number
  /** The share of the other tenant's requests that was answered. */
  readonly answered: number
  /** Of the machine, over the last minute. */
  readonly load: number
}

async function main(): Promise<void> {
  const { tenants, seconds, rounds, headroom, ...values } = readOptions({
    only: Object.keys(floods).join(),
    places: Object.keys(places).join(),
    limits: 'no,rows,requests,both',
    by: Object.keys(origins).join(),
    tenants: 10,
    headroom: 1.1,
    seconds: 20,
    rounds: 3,
  })
  const names = pick('--only', values.only, floods)
  const table: Record<string, object> = {}
  const folder = mkdtempSync(join(tmpdir(), 'presage-bench-tenants-'))
  try {
    for (const name of names) {
      console.log(`${name}: ${floods[name].title}`)
      for (const place of pick('--places', values.places, places)) {
        const start = (limits?: TenantLimits, which = 'asked') =>
          places[place](floods[name], join(folder, name, place, which), limits)
        const share = (await withServer(start(), (server) => capacity(server, floods[name]))) / tenants
        // A request that is larger than the rows of a second would never be answered whole.
        const rows = { rowsPerSecond: Math.ceil(Math.max(1, headroom * share) * floods[name].rows) }
        // The neighbour's own load is within it.
        const requests = { requestsPerSecond: Math.ceil(headroom * Math.max(perSecond, share)) }
        const limits: Readonly<Record<string, TenantLimits>> = {
          no: {},
          rows,
          requests,
          both: { ...rows, ...requests },
        }
        for (const limited of pick('--limits', values.limits, limits)) {
          const given = limits[limited]
          for (const by of pick('--by', values.by, origins)) {
            const title = `${name}, ${place}, ${by}${limited === 'no' ? '' : `, ${limited} limited`}`
            table[title] = await withServer(start(given), (server) =>
              withServer(start(given, 'other'), (other) =>
                compare(server, other, name, by, share, rounds, seconds),
              ),
            )
            console.log(title, table[title])
          }
        }
      }
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
  console.table(table)
}

/** The neighbour beside the other tenant's usual load, beside ten times as much, and beside as much for the `other` deployment. */
async function compare(
  server: BenchServer,
  other: BenchServer,
  name: string,
  by: string,
  share: number,
  rounds: number,
  seconds: number,
): Promise<object> {
  const usual: Round[] = []
  const tenfold: Round[] = []
  const floor: Round[] = []
  for (const flooded of [server, other]) await beside(server, flooded, name, by, share, 3)
  for (let number = 0; number < rounds; number++) {
    const turns = [
      async () => usual.push(await beside(server, server, name, by, share, seconds)),
      async () => tenfold.push(await beside(server, server, name, by, 10 * share, seconds)),
      async () => floor.push(await beside(server, other, name, by, 10 * share, seconds)),
    ]
    for (const turn of number % 2 === 0 ? turns : turns.reverse()) await turn()
  }
  const [one, ten, apart] = [middle(usual), middle(tenfold), middle(floor)]
  return {
    'requests/s': share.toFixed(1),
    'p50 at 1': one.p50.toFixed(2),
    'p50 at 10': ten.p50.toFixed(2),
    'p99 at 1': one.p99.toFixed(2),
    'p99 at 10': ten.p99.toFixed(2),
    'p99 ratio': (ten.p99 / one.p99).toFixed(2),
    'floor of p99': apart.p99.toFixed(2),
    'p99 over floor': (ten.p99 / apart.p99).toFixed(2),
    'over floor, rounds': ratios(tenfold, floor),
    'p99 ratio, rounds': ratios(tenfold, usual),
    lost: `${one.lost}, ${ten.lost}`,
    'other answered': `${percent(one.answered)}, ${percent(ten.answered)}`,
    'load average': `${one.load.toFixed(1)}, ${ten.load.toFixed(1)}`,
  }
}

function ratios(rounds: readonly Round[], base: readonly Round[]): string {
  return rounds.map(({ p99 }, at) => (p99 / base[at].p99).toFixed(2)).join(' ')
}

async function beside(
  server: BenchServer,
  flooded: BenchServer,
  name: string,
  by: string,
  floodPerSecond: number,
  seconds: number,
): Promise<Round> {
  const { attacker, neighbour } = origins[by]
  const origin = JSON.stringify({ ...attacker, headers: await headersOf('flooding', attacker) })
  const flood = fork(compiledPath('bench/tenants/flood'), [name, flooded.url, String(floodPerSecond), origin])
  await once(flood, 'message')
  await pause(2_000)
  const load = {
    perSecond,
    seconds,
    ...neighbour,
    headers: await headersOf('neighbour', neighbour),
    connections: 16,
    seed: 7,
  }
  const { sent, outcomes, sinceSent } = await openLoop(server.url, load, () => question)
  flood.send('stop')
  const [counts] = (await once(flood, 'message')) as [FloodCounts]
  await pause(1_500)
  return {
    p50: percentile(sinceSent, 0.5),
    p99: percentile(sinceSent, 0.99),
    lost: sent - outcomes.answered,
    answered: counts.answered / counts.sent,
    load: loadavg()[0],
  }
}

/** How many requests of the flood are answered in a second, if nobody else asks. */
async function capacity({ url }: BenchServer, flood: Flood): Promise<number> {
  await closedLoop(url, flood.clients, 2, (n) => floodBody(flood, n))
  const { requests, seconds } = await closedLoop(url, flood.clients, 4, (n) => floodBody(flood, n))
  return requests / seconds
}

async function withServer<T>(
  starting: Promise<BenchServer>,
  use: (server: BenchServer) => Promise<T>,
): Promise<T> {
  const server = await starting
  try {
    return await use(server)
  } finally {
    server.stop()
    await pause(1_000)
  }
}

function middle(all: readonly Round[]): Round {
  const of = (read: (round: Round) => number) => median(all.map(read))
  return {
    p50: of(({ p50 }) => p50),
    p99: of(({ p99 }) => p99),
    lost: of(({ lost }) => lost),
    answered: of(({ answered }) => answered),
    load: of(({ load }) => load),
  }
}

function pick(option: string, text: string, known: Readonly<Record<string, unknown>>): readonly string[] {
  const names = text.split(',')
  for (const name of names)
    if (known[name] === undefined)
      throw new Error(`${option}: must be one of ${Object.keys(known).join(', ')}, got ${name}`)
  return names
}

function percent(part: number): string {
  return `${(100 * part).toFixed(0)} %`
}

runCommand(main)
