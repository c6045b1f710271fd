import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { packageRoot } from '../../lib/packagePaths'
import { freePort } from './freePort'
import { until } from './until'

/** An Envoy of a test's own, with envoy.yaml of the chart, on free ports of the loopback. */
export class EnvoyServer {
  private log = ''

  private constructor(
    private readonly child: ChildProcess,
    readonly port: number,
    readonly adminPort: number,
  ) {
    child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
      this.log += chunk
    })
  }

  /** Settles when it listens. `folder` has the files that it follows. */
  static async start(binary: string, folder: string): Promise<EnvoyServer> {
    const [port, adminPort] = [await freePort(), await freePort()]
    const file = join(mkdtempSync(join(tmpdir(), 'presage-envoy-')), 'envoy.yaml')
    const args = envoyArguments(file, { folder, host: '127.0.0.1', port, adminPort })
    const server = new EnvoyServer(
      spawn(binary, [...args, '--log-level', 'warn'], { stdio: ['ignore', 'ignore', 'pipe'] }),
      port,
      adminPort,
    )
    await until(async () => {
      if (server.child.exitCode !== null) throw new Error(`Envoy ended: ${server.log}`)
      return (await server.admin('ready').catch(() => '')).startsWith('LIVE')
    })
    return server
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`
  }

  /** What it warned of, but for the limit of connections that envoy.yaml leaves to its user. */
  warnings(): readonly string[] {
    return this.log
      .split('\n')
      .filter((line) => line !== '' && !line.includes('There is no configured limit'))
  }

  /** How many calls each server of a shard has got, by address. */
  async calls(shard: string): Promise<ReadonlyMap<string, number>> {
    const lines = (await this.admin('clusters')).matchAll(/^(\S+?)::([\d.]+:\d+)::rq_total::(\d+)$/gm)
    return new Map(
      [...lines].filter(([, name]) => name === shard).map(([, , address, n]) => [address, Number(n)]),
    )
  }

  async stop(): Promise<void> {
    const ended = new Promise((resolve) => this.child.once('exit', resolve))
    if (this.child.exitCode !== null || !this.child.kill('SIGKILL')) return
    await ended
  }

  private async admin(page: string): Promise<string> {
    return (await fetch(`http://127.0.0.1:${this.adminPort}/${page}`)).text()
  }
}

export interface EnvoyPlace {
  /** Has the files that it follows. */
  readonly folder: string
  readonly host: string
  readonly port: number
  /** Of the loopback. */
  readonly adminPort: number
}

/** Writes a file of envoy.yaml of the chart, changed for another place, and returns the arguments to start with it. */
export function envoyArguments(
  file: string,
  { folder, host, port, adminPort }: EnvoyPlace,
): readonly string[] {
  const text = readFileSync(join(packageRoot, 'deploy/helm/presage/envoy.yaml'), 'utf8')
    .replaceAll('/var/lib/presage/envoy', folder)
    .replace('0.0.0.0, port_value: 8080', `${host}, port_value: ${port}`)
    .replace('port_value: 9901', `port_value: ${adminPort}`)
  writeFileSync(file, text)
  return ['-c', file, '--concurrency', '2', '--disable-hot-restart']
}
