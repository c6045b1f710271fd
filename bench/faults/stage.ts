import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { parse } from 'yaml'
import { compiledPath, packageRoot } from '../../lib/packagePaths'
import { type BenchCase, cases } from '../cases'
import { writeDeployment } from '../deployment'
import { freePorts } from '../freePorts'
import { type BenchServer, startPresage } from '../servers'
import { asStarted, written } from '../startProcess'
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
    const policy = policies[name]
    const flags = policy === undefined ? [] : ['--require', compiledPath(policy)]
    gateways[name] = await startPresage(packageRoot, config, () => {}, flags)
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

/** `presage worker` at ports of its own, started again and again. */
export class StagedWorker {
  private child: ChildProcess | undefined

  constructor(
    private readonly config: string,
    private readonly shard: string,
    readonly port: number,
    private readonly grpcPort: number,
    readonly proxy?: TcpProxy,
  ) {}

  /** Resolves when it serves. */
  async start(): Promise<void> {
    const script = compiledPath('cli/presage')
    const ports = ['--http-port', String(this.port), '--grpc-port', String(this.grpcPort)]
    const args = [script, '--config', this.config, 'worker', '--shard', this.shard, ...ports]
    this.child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'pipe'], env: asStarted })
    await written(this.child, 'stderr', /(Presage serves shard)/)
  }

  /** Resolves when it has ended, unless the signal only stops it. */
  async kill(signal: NodeJS.Signals): Promise<void> {
    const { child } = this
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
    const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
    child.kill(signal)
    if (signal !== 'SIGSTOP' && signal !== 'SIGCONT') await ended
  }
}

function writeConfig(folder: string, ports: Readonly<Record<string, readonly number[]>>): string {
  const deployment = writeDeployment(cases.find(({ name }) => name === 'titles-10') as BenchCase, packageRoot)
  const config = parse(readFileSync(deployment, 'utf8'))
  const rules = parse(readFileSync(join(packageRoot, 'examples/streaming/rules.yaml'), 'utf8'))
  rmSync(dirname(deployment), { recursive: true, force: true })
  const shards = Object.entries(ports).map(([name, those]) => [
    name,
    { workers: 1, endpoints: those.map((port) => `127.0.0.1:${port}`) },
  ])
  mkdirSync(folder, { recursive: true })
  const placement = { '*': 'main', 'rating-predictor': 'ratings', 'abuse-score': 'trust' }
  writeFileSync(join(folder, 'rules.yaml'), JSON.stringify({ ...rules, placement }))
  const file = join(folder, 'presage.yaml')
  const own = { shards: { main: {}, ...Object.fromEntries(shards) }, worker: { drain: '2s' } }
  writeFileSync(file, JSON.stringify({ ...config, ...own }))
  return file
}
