import { type ChildProcess, fork, spawn } from 'node:child_process'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { composeServices } from '@theguild/federation-composition'
import { parse } from 'graphql'
import { compiledPath, packageRoot } from '../lib/compiled'
import type { BenchCase } from './cases'
import { cases } from './cases'
import { gatewayEnvironment, pythonEnvironment } from './environments'
import { inferredRows } from './inferredRows'
import { naiveSchemas } from './peers/naiveSchemas'
import { subgraphSdl } from './peers/subgraphSdl'

/** A server under load, in processes of its own. */
export interface BenchServer {
  readonly url: string
  /** Those whose CPU and memory count as the server's; their children count too. */
  readonly pids: readonly number[]
  stop(): void
  /** Where it can tell, as Presage can: rows of the case's model that the runtime got so far. */
  inferredRows?(benchCase: BenchCase): Promise<number>
}

/** What the bench compares, and how each is started for a case. Peers are optional, the floor and Presage are not. */
export const contestants: Readonly<Record<string, (benchCase: BenchCase) => Promise<BenchServer>>> = {
  handwritten: (benchCase) => startNode('bench/handwritten', [String(cases.indexOf(benchCase))]),
  presage: () => startPresage(),
  'naive-apollo': () => startNode('bench/peers/naiveApollo', ['all']),
  'stock-gateway': startStockGateway,
  fastapi: startFastApi,
}

export const floor = 'handwritten'
export const own = 'presage'
export const peers = Object.keys(contestants).filter((name) => name !== floor && name !== own)

/** Starts the embedded deployment of the example; `root` is the folder of a built package, this one unless said. */
export async function startPresage(root = packageRoot): Promise<BenchServer> {
  const config = join(root, 'presage.yaml')
  const args = [join(root, 'dist/cli/presage.js'), '--config', config, 'start', '--port', '0']
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'inherit', 'pipe'], env: asStarted })
  const url = await written(child, 'stderr', /Presage serves (\S+)/)
  return {
    url,
    pids: [child.pid!],
    stop: () => child.kill(),
    inferredRows: (benchCase) => inferredRows(benchCase, url),
  }
}

/** Stock @apollo/gateway in front of naive subgraphs, each a process: one for messages, two for titles. */
async function startStockGateway({ endpoint }: BenchCase): Promise<BenchServer> {
  const folder = gatewayEnvironment()
  const names = endpoint === 'messages' ? ['trust'] : ['catalog', 'recommendations']
  const subgraphs = await Promise.all(names.map((name) => startNode('bench/peers/naiveApollo', [name])))
  const composed = composeServices(
    await Promise.all(
      names.map(async (name, at) => ({
        name,
        url: subgraphs[at].url,
        typeDefs: parse(subgraphSdl((await naiveSchemas[name]()).typeDefs)),
      })),
    ),
  )
  if (composed.supergraphSdl === undefined) throw new Error(composed.errors.map(String).join('\n'))
  const file = join(mkdtempSync(join(tmpdir(), 'presage-bench-supergraph-')), 'supergraph.graphql')
  writeFileSync(file, composed.supergraphSdl)
  const gateway = await startNode('bench/peers/stockGateway', [folder, file])
  return {
    url: gateway.url,
    pids: [gateway, ...subgraphs].flatMap(({ pids }) => pids),
    stop: () => {
      for (const server of [gateway, ...subgraphs]) server.stop()
    },
  }
}

async function startFastApi({ endpoint }: BenchCase): Promise<BenchServer> {
  const script = join(packageRoot, 'bench/peers/fastapi_server.py')
  const child = spawn(pythonEnvironment(), [script, packageRoot, endpoint], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const port = await written(child, 'stdout', /^(\d+)$/m)
  return { url: `http://127.0.0.1:${port}/`, pids: [child.pid!], stop: () => child.kill() }
}

const production = { ...process.env, NODE_ENV: 'production' }

/** As `npm start` has it; see docs/operations.md, Memory. */
const asStarted = { ...production, MALLOC_MMAP_THRESHOLD_: '1048576', MALLOC_TRIM_THRESHOLD_: '4194304' }

/** Starts a compiled script that sends `{ port }` or `{ url }` once it listens. */
async function startNode(module: string, args: readonly string[]): Promise<BenchServer> {
  const child = fork(compiledPath(module), args, { env: production })
  const message = await new Promise<{ port?: number; url?: string }>((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`${module} exited with ${code}`)))
    child.once('message', (sent) => resolve(sent as { port?: number; url?: string }))
  })
  const url = message.url ?? `http://127.0.0.1:${message.port}/`
  return { url, pids: [child.pid!], stop: () => child.disconnect() }
}

/** The first group of the pattern in what the child writes. */
function written(child: ChildProcess, stream: 'stdout' | 'stderr', pattern: RegExp): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = ''
    for (const name of ['stdout', 'stderr'] as const) {
      child[name]?.on('data', (chunk: Buffer) => {
        text += chunk
        const match = name === stream ? pattern.exec(text) : null
        if (match) resolve(match[1])
      })
    }
    child.once('exit', (code) => reject(new Error(`${child.spawnfile} exited with ${code}: ${text}`)))
  })
}
