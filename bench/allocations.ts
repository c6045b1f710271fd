/**
 * `npm run bench:allocations [-- --quick]`: what a row costs the JavaScript heap, by the room of the code that allocates it. Two pages
 * of one question, a short and a long one, are each asked for a while; what grows with the page is the rows'. Tensors are not
 * on that heap.
 */

import { readFileSync } from 'node:fs'
import { compiledPath } from '../lib/packagePaths'
import type { AllocationResult, RoomBytes } from './allocationResult'
import { type BenchCase, cases } from './cases'
import { closedLoop } from './closedLoop'
import { readOptions, runCommand } from './command'
import { freePorts } from './freePorts'
import { type AllocationSite, HeapSampling } from './heapSampling'
import { bodies } from './measure'
import { readOrigin } from './origin'
import { printAllocations } from './print'
import { saveBench } from './saveResults'
import { type BenchServer, startPresageFor } from './servers'

/** Of one model each; the first page is the shorter one. */
const pairs = [
  ['titles-100', 'titles-1000'],
  ['messages-linear-10', 'messages-linear-250'],
] as const

const clients = 4

async function main(): Promise<void> {
  const values = readOptions({ quick: false })
  const origin = readOrigin()
  const results: AllocationResult[] = []
  for (const [short, long] of pairs) {
    const result = await measurePair(caseNamed(short), caseNamed(long), values.quick ? 1 : 5)
    results.push(result)
    printAllocations(result)
  }
  if (!values.quick) saveBench(origin, 'allocations', { allocations: results })
}

async function measurePair(short: BenchCase, long: BenchCase, seconds: number): Promise<AllocationResult> {
  const [port] = await freePorts(1)
  const server = await startPresageFor(short, undefined, [`--inspect=127.0.0.1:${port}`])
  const sampling = await HeapSampling.connect(port)
  try {
    for (const warmed of [short, long, short, long]) await load(server, warmed, seconds)
    const [few, many] = [await bytesOf(short), await bytesOf(long)]
    const rooms = [...new Set([...few.keys(), ...many.keys()])].map((room): RoomBytes => {
      const [one, other] = [few.get(room) ?? 0, many.get(room) ?? 0]
      const aRow = (other - one) / (long.rows - short.rows)
      return { room, aRow, aRequest: one - aRow * short.rows }
    })
    rooms.sort((one, other) => other.aRow - one.aRow)
    return { cases: [short.name, long.name], model: short.model, rooms }
  } finally {
    sampling.close()
    server.stop()
  }

  /** A request's bytes, by room. */
  async function bytesOf(benchCase: BenchCase): Promise<ReadonlyMap<string, number>> {
    let requests = 0
    const sites = await sampling.during(async () => {
      requests = await load(server, benchCase, seconds)
    })
    const byRoom = new Map<string, number>()
    for (const site of sites) {
      const room = roomOf(site)
      byRoom.set(room, (byRoom.get(room) ?? 0) + site.bytes / requests)
    }
    return byRoom
  }
}

async function load(server: BenchServer, benchCase: BenchCase, seconds: number): Promise<number> {
  return (await closedLoop(server.url, clients, seconds, bodies(benchCase, 0, server))).requests
}

/** A source file of this package, as `workers/batching/batch.ts`; `node`, a library, or what has no file. */
function roomOf({ url, functionName, lineNumber }: AllocationSite): string {
  const own = /\/dist\/(.*)\.js$/.exec(url)
  if (own !== null && !url.includes('/node_modules/'))
    return own[1] === command ? bundledFile(lineNumber) : `${own[1]}.ts`
  const library = /\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url)
  if (library !== null) return library[1]
  if (url.startsWith('node:')) return 'node'
  return url === '' && functionName !== '' && !functionName.startsWith('(')
    ? 'generated or built in'
    : 'engine'
}

const command = 'cli/presage'

/** The source of a line of the bundle, from 0: above what comes of a file stands its path. */
function bundledFile(line: number): string {
  bundle ??= readFileSync(compiledPath(command), 'utf8').split('\n')
  const path = bundle.slice(0, line + 1).findLast((one) => /^ *\/\/ \w+\/.*\.ts$/.test(one))
  return path?.replace(/^ *\/\/ /, '') ?? `${command}.ts`
}

let bundle: readonly string[] | undefined

function caseNamed(name: string): BenchCase {
  return cases.find((one) => one.name === name)!
}

runCommand(main)
