import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { packageRoot } from '../lib/packagePaths'
import type { BenchCase, Endpoint } from './cases'
import { writeDeployment } from './deployment'
import { asStarted, pinned, type Started, written } from './startProcess'

/** The subgraphs that a question needs, by its endpoint. */
const subgraphsOf: Readonly<Record<Endpoint, readonly string[]>> = {
  messages: ['trust'],
  titles: ['catalog', 'recommendations'],
  members: ['members', 'recommendations'],
  five: ['catalog', 'stock', 'ratings', 'reviews', 'rentals'],
}

/** Subgraphs of ours, each a process, and what a gateway in front of them needs to know. */
interface Subgraphs extends Started {
  /** The deployment's configuration, in JSON. */
  readonly file: string
  readonly urls: Readonly<Record<string, string>>
}

/**
 * Starts the graph of a case as processes: a gateway, and each subgraph that the case needs. `root` is the folder of a
 * built package.
 */
export async function startSplit(benchCase: BenchCase, root = packageRoot): Promise<Started> {
  const subgraphs = await startSubgraphs(benchCase, root)
  const config = JSON.parse(readFileSync(subgraphs.file, 'utf8'))
  const urls = Object.entries(subgraphs.urls).map(([name, url]) => [name, { url }])
  const gatewayFile = join(dirname(subgraphs.file), 'gateway.yaml')
  // JSON is YAML.
  writeFileSync(gatewayFile, JSON.stringify({ ...config, gateway: { subgraphs: Object.fromEntries(urls) } }))
  const gateway = await startCommand(root, gatewayFile, ['gateway'], /Presage serves (\S+)/)
  return together(gateway, subgraphs)
}

/** The same subgraphs behind another gateway, which `start` starts with the file of a supergraph. */
export async function startOverSplit(
  benchCase: BenchCase,
  start: (supergraphFile: string) => Promise<Started>,
): Promise<Started> {
  const subgraphs = await startSubgraphs(benchCase, packageRoot)
  const folder = dirname(subgraphs.file)
  const { graph } = JSON.parse(readFileSync(subgraphs.file, 'utf8'))
  const composed = readFileSync(resolve(folder, graph.supergraph), 'utf8')
  const supergraph = composed.replace(
    /@join__graph\(name: "(\w+)", url: "[^"]*"\)/g,
    (whole, name: string) => {
      const url = subgraphs.urls[name]
      return url === undefined ? whole : `@join__graph(name: "${name}", url: "${url}")`
    },
  )
  const file = join(folder, 'peer.graphql')
  writeFileSync(file, supergraph)
  return together(await start(file), subgraphs)
}

function together(gateway: Started, subgraphs: Started): Started {
  return {
    url: gateway.url,
    pids: [...gateway.pids, ...subgraphs.pids],
    stop() {
      gateway.stop()
      subgraphs.stop()
    },
  }
}

async function startSubgraphs(benchCase: BenchCase, root: string): Promise<Subgraphs> {
  const file = writeDeployment(benchCase, root)
  const names = subgraphsOf[benchCase.endpoint]
  const all = await Promise.all(
    names.map((name) => startCommand(root, file, ['subgraph', name], /serves \S+ at (\S+)/)),
  )
  // Subgraphs keep their rules beside the configuration, until they end.
  Promise.all(all.map(({ ended }) => ended)).then(() =>
    rmSync(dirname(file), { recursive: true, force: true }),
  )
  return {
    file,
    urls: Object.fromEntries(names.map((name, at) => [name, all[at].url])),
    url: all[0].url,
    pids: all.flatMap(({ pids }) => pids),
    stop() {
      for (const one of all) one.stop()
    },
  }
}

async function startCommand(
  root: string,
  config: string,
  args: readonly string[],
  served: RegExp,
): Promise<Started & { readonly ended: Promise<unknown> }> {
  const script = join(root, 'dist/cli/presage.js')
  const command = pinned([process.execPath, script, '--config', config, ...args, '--port', '0'])
  const child = spawn(command[0], command.slice(1), { stdio: ['ignore', 'inherit', 'pipe'], env: asStarted })
  const url = await written(child, 'stderr', served)
  return { url, pids: [child.pid!], stop: () => child.kill(), ended: once(child, 'exit') }
}
