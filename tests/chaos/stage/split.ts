import { compiledPath } from '../../../lib/packagePaths'
import { freePort } from '../../support/freePort'
import { type NodeProcess, type Surroundings, startNode } from '../../support/nodeProcess'
import { writeConfig } from '../../support/serverProcess'
import type { Watched } from './besideClient'
import type { Change, Stage } from './stage'

/** The example as `presage gateway` and some `presage subgraph`s. */
export interface Split {
  readonly gateway: Watched
  /** The process that serves a subgraph now. */
  subgraph(name: string): NodeProcess
  /** Starts one that has ended, at the address where it was. */
  restart(name: string): Promise<void>
}

export interface SplitOptions {
  /** Those that are started. */
  readonly subgraphs: readonly string[]
  /** How the gateway calls some of them, as in `gateway.subgraphs`. */
  readonly calls?: Readonly<Record<string, object>>
  /** Laid over the gateway's configuration. */
  readonly change?: Change
  readonly gateway?: Surroundings
}

const presage = compiledPath('cli/presage')
const envelopeKey = 'of-the-processes-of-this-stage-only'

export async function startSplit(stage: Stage, options: SplitOptions): Promise<Split> {
  const configFile = writeConfig(({ server, shards, trust }) => ({
    server: { ...server, timeout: 20_000 },
    shards: { main: { ...shards.main, workers: 1 } },
    trust: { ...trust, envelopeKey },
  }))
  const running = new Map<string, NodeProcess>()
  const ports = new Map<string, number>()
  const start = async (name: string) => {
    const port = String(ports.get(name))
    const args = [presage, '--config', configFile, 'subgraph', name, '--port', port]
    const started = await startNode(args, /Presage serves \S+ at (\S+)/)
    stage.atEnd(() => started.stop('SIGKILL'))
    running.set(name, started)
  }
  for (const name of options.subgraphs) ports.set(name, await freePort())
  await Promise.all(options.subgraphs.map(start))
  const urls = Object.fromEntries(
    options.subgraphs.map((name) => [name, { url: running.get(name)!.ready, ...options.calls?.[name] }]),
  )
  const gatewayFile = writeConfig((config) => ({
    trust: { ...config.trust, envelopeKey },
    ...options.change?.(config),
    gateway: { ...config.gateway, timeout: 20_000, subgraphs: urls },
  }))
  const gateway = await startNode(
    [presage, '--config', gatewayFile, 'gateway', '--port', '0'],
    /Presage serves (\S+)/,
    undefined,
    options.gateway,
  )
  stage.atEnd(() => gateway.stop('SIGKILL'))
  return {
    gateway: {
      url: gateway.ready,
      pid: gateway.pid,
      kept: 64 * options.subgraphs.length,
      stderr: gateway.stderr,
      stop: (signal) => gateway.stop(signal),
    },
    subgraph: (name) => running.get(name)!,
    restart: start,
  }
}
