import { spawn } from 'node:child_process'
import { rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { packageRoot } from '../lib/packagePaths'
import { type BenchCase, cases } from './cases'
import { writeDeployment } from './deployment'
import {
  startHiveGateway,
  startHiveOverSplit,
  startStockGateway,
  startStockOverSplit,
} from './federatedPeers'
import { rowCounter } from './inferredRows'
import { startMercurius } from './mercurius'
import type { Protocol } from './protocol'
import { startBentoMl, startFastApi, startLitServe, startMlServer } from './pythonPeers'
import { startSplit } from './split'
import { asStarted, pinned, type Started, startNode, written } from './startProcess'

/** A server under load, in processes of its own. */
export interface BenchServer extends Started {
  /** How it is asked, where that is not as GraphQL servers are. */
  readonly protocol?: Protocol
  /** Where it can tell, as Presage can: rows of the case's models that the runtime got so far; see `rowCounter`. */
  inferredRows?(benchCase: BenchCase): Promise<number>
  /** Calls back, from now on, for what it writes to standard error, some lines at a time. */
  onSaid?(listener: (text: string) => void): void
}

/** What the bench compares, and how each is started for a case. Peers are optional, the floors and Presage are not. */
export const contestants: Readonly<Record<string, (benchCase: BenchCase) => Promise<BenchServer>>> = {
  echo: (benchCase) => startNode('bench/echo', [numberOf(benchCase)]),
  handwritten: (benchCase) => startNode('bench/handwritten', [numberOf(benchCase)]),
  presage: (benchCase) => startPresageFor(benchCase),
  'presage-split': (benchCase) => startSplit(benchCase),
  'naive-apollo': (benchCase) => startNode('bench/peers/naiveApollo', [numberOf(benchCase)]),
  mercurius: startMercurius,
  'stock-gateway': startStockGateway,
  'hive-gateway': startHiveGateway,
  'stock-over-split': startStockOverSplit,
  'hive-over-split': startHiveOverSplit,
  fastapi: startFastApi,
  litserve: startLitServe,
  bentoml: startBentoMl,
  mlserver: startMlServer,
}

/** The hand-written endpoint that lets in so many requests at a time and refuses all others. */
export function startRefusing(benchCase: BenchCase, most: number): Promise<BenchServer> {
  return startNode('bench/handwritten', [numberOf(benchCase), String(most)])
}

export const floors = ['echo', 'handwritten']
export const own = 'presage'
export const peers = Object.keys(contestants).filter((name) => !floors.includes(name) && name !== own)

/** Those that answer one question each were written for these. */
const pythonEndpoints = ['messages', 'titles']

/** Whether a contestant can answer a case. */
export function canAnswer(name: string, { endpoint }: BenchCase): boolean {
  return !['fastapi', 'litserve', 'bentoml', 'mlserver'].includes(name) || pythonEndpoints.includes(endpoint)
}

/** Starts the example with the models and the graph that a case asks; `root` and `flags` as in `startPresage`. */
export function startPresageFor(
  benchCase: BenchCase,
  root = packageRoot,
  flags: readonly string[] = [],
): Promise<BenchServer> {
  const config = writeDeployment(benchCase, root)
  return startPresage(root, config, () => rmSync(dirname(config), { recursive: true, force: true }), flags)
}

/**
 * Starts the embedded deployment of the example; `root` is the folder of a built package, this one unless said, `config` the file of
 * another configuration than its own. `onExit` is called when it has ended. `flags` are Node's. `module` begins it.
 */
export async function startPresage(
  root = packageRoot,
  config = join(root, 'presage.yaml'),
  onExit = () => {},
  flags: readonly string[] = [],
  module = 'cli/presage',
): Promise<BenchServer> {
  const script = join(root, `dist/${module}.js`)
  const command = pinned([process.execPath, ...flags, script, '--config', config, 'start', '--port', '0'])
  const child = spawn(command[0], command.slice(1), { stdio: ['ignore', 'inherit', 'pipe'], env: asStarted })
  child.once('exit', onExit)
  const url = await written(child, 'stderr', /Presage serves (\S+)/)
  return {
    url,
    pids: [child.pid!],
    stop: () => child.kill(),
    inferredRows: rowCounter(url),
    onSaid: (listener) => child.stderr.on('data', (chunk: Buffer) => listener(chunk.toString())),
  }
}

/** A process of the bench's own is told its case by the place in the list. */
function numberOf(benchCase: BenchCase): string {
  return String(cases.indexOf(benchCase))
}
