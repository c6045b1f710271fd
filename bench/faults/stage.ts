import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { compiledPath, packageRoot } from '../../lib/packagePaths'
import { freePorts } from '../freePorts'
import { type BenchServer, startPresage } from '../servers'
import { writePlacedModels } from './placedModels'
import { StagedProcess } from './stagedProcess'
import { TcpProxy } from './tcpProxy'

/** The gateways that are compared, by name. What is loaded before one of them says how it chooses a server. */
export const policies: Readonly<Record<string, string | undefined>> = {
  presage: undefined,
  'round robin': 'bench/faults/roundRobin',
  'least loaded': 'bench/faults/leastLoaded',
}

/** Two shards of two workers each; the second of each is behind a proxy. */
export interface Stage {
  readonly gateways: Readonly<Record<string, BenchServer>>
  readonly workers: Readonly<Record<'ratings' | 'trust', readonly StagedWorker[]>>
  close(): Promise<void>
}

export async function openStage(names: readonly string[]): Promise<Stage> {
  const folder = mkdtempSync(join(tmpdir(), 'presage-bench-faults-'))
  const ports = await freePorts(8)
  const proxies = { ratings: new TcpProxy(ports[1]), trust: new TcpProxy(ports[3]) }
  for (const proxy of Object.values(proxies)) await proxy.open()
  const config = writeConfig(folder, {
    ratings: [ports[0], proxies.ratings.port],
    trust: [ports[2], proxies.trust.port],
  })
  const worker = (shard: string, at: number, proxy?: TcpProxy) =>
    new StagedWorker(config, shard, ports[at], ports[at + 4], proxy)
  const workers = {
    ratings: [worker('ratings', 0), worker('ratings', 1, proxies.ratings)],
    trust: [worker('trust', 2), worker('trust', 3, proxies.trust)],
  }
  const all = [...workers.ratings, ...workers.trust]
  await Promise.all(all.map((one) => one.start()))
  const gateways: Record<string, BenchServer> = {}
  for (const name of names) {
    gateways[name] = await startGateway(config, policies[name])
  }
  return {
    gateways,
    workers,
    async close() {
      for (const gateway of Object.values(gateways)) gateway.stop()
      await Promise.all(all.map((one) => one.kill('SIGKILL')))
      for (const proxy of Object.values(proxies)) proxy.close()
      // Gateways write until they have ended.
      await new Promise((resolve) => setTimeout(resolve, 2_000))
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** `presage worker` at ports of its own. */
export class StagedWorker extends StagedProcess {
  constructor(
    config: string,
    shard: string,
    readonly port: number,
    grpcPort: number,
    readonly proxy?: TcpProxy,
  ) {
    const ports = ['--http-port', String(port), '--grpc-port', String(grpcPort)]
    super({
      command: [
        process.execPath,
        compiledPath('cli/presage'),
        '--config',
        config,
        'worker',
        '--shard',
        shard,
        ...ports,
      ],
      serves: /(Presage serves shard)/,
    })
  }
}

function writeConfig(folder: string, ports: Readonly<Record<string, readonly number[]>>): string {
  const shards = Object.entries(ports).map(([name, those]) => [
    name,
    { workers: 1, endpoints: those.map((port) => `127.0.0.1:${port}`) },
  ])
  return writePlacedModels(folder, {
    shards: { main: {}, ...Object.fromEntries(shards) },
    worker: { drain: '2s' },
  })
}

/** A policy replaces methods of modules, so that process must run the modules instead of the bundle that they are in. */
function startGateway(config: string, policy: string | undefined): Promise<BenchServer> {
  if (policy === undefined) return startPresage(packageRoot, config)
  return startPresage(packageRoot, config, () => {}, ['--require', compiledPath(policy)], 'cli/command')
}
