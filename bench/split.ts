import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
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

/**
 * Starts the graph of a case as processes: a gateway, and each subgraph that the case needs. `root` is the folder of a
 * built package.
 */
export async function startSplit(benchCase: BenchCase, root = packageRoot): Promise<Started> {
  const file = writeDeployment(benchCase, root)
  const names = subgraphsOf[benchCase.endpoint]
  const subgraphs = await Promise.all(
    names.map((name) => startCommand(root, file, ['subgraph', name], /serves \S+ at (\S+)/)),
  )
  const config = JSON.parse(readFileSync(file, 'utf8'))
  const urls = names.map((name, at) => [name, { url: subgraphs[at].url }])
  const gatewayFile = join(dirname(file), 'gateway.yaml')
  // JSON is YAML.
  writeFileSync(gatewayFile, JSON.stringify({ ...config, gateway: { subgraphs: Object.fromEntries(urls) } }))
  const gateway = await startCommand(root, gatewayFile, ['gateway'], /Presage serves (\S+)/)
  const all = [gateway, ...subgraphs]
  // Subgraphs keep their rules beside the configuration, until they end.
  Promise.all(all.map(({ ended }) => ended)).then(() =>
    rmSync(dirname(file), { recursive: true, force: true }),
  )
  return {
    url: gateway.url,
    pids: all.flatMap(({ pids }) => pids),
    stop: () => {
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
