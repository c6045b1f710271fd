import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { compiledPath } from '../../../lib/packagePaths'
import { envoyArguments } from '../../../tests/support/envoyServer'
import { asStarted } from '../../startProcess'
import { writePlacedModels } from '../placedModels'
import { StagedProcess } from '../stagedProcess'
import { type Hosts, loopbackHosts, namespaceHosts } from './hosts'

/** Gateways and workers, each on a host of its own, and a Redis that they share. */
export interface Fleet {
  readonly hosts: Hosts
  readonly redis: StagedProcess
  /** By host: two workers of each shard. */
  readonly workers: Readonly<Record<string, StagedProcess>>
  readonly gateways: Readonly<Record<string, StagedProcess>>
  /** Of the gateways, without a path. */
  readonly urls: readonly string[]
  readonly envoy: FleetEnvoy | undefined
  /** Starts all. */
  start(): Promise<void>
  /** Redis loses all that it has. */
  flush(): Promise<void>
  /** Ends all. */
  close(): Promise<void>
}

/** An Envoy before the workers, and beside it the command that tells it where they are. */
export interface FleetEnvoy {
  /** Without a path. */
  readonly url: string
  readonly proxy: StagedProcess
  readonly sync: StagedProcess
}

export interface FleetOptions {
  /** For configuration and what processes write. Not removed. */
  readonly folder: string
  /** Whether hosts are namespaces of the network, else addresses of the loopback. */
  readonly inNamespaces: boolean
  /** Its path; undefined for a fleet without it. */
  readonly envoyBinary: string | undefined
  /** Takes what processes say, a line at a time. */
  readonly said: (host: string, line: string) => void
}

const shards = ['ratings', 'trust']
const workerHosts = shards.flatMap((shard) => [1, 2].map((number) => `${shard}-${number}`))
const gatewayHosts = ['gateway-1', 'gateway-2']
const gatewayPort = 4000
const envoyHost = 'envoy'
const envoyPort = 8080

export function createFleet({ folder, inNamespaces, envoyBinary, said }: FleetOptions): Fleet {
  const names = ['redis', ...workerHosts, ...gatewayHosts, envoyHost]
  const hosts = inNamespaces ? namespaceHosts(names) : loopbackHosts(names)
  const redisPlace = { host: hosts.address('redis'), port: redisPort }
  const config = writeConfig(folder, `redis://${redisPlace.host}:${redisPlace.port}`)
  const presage = [process.execPath, compiledPath('cli/presage'), '--config', config]
  const envOf = (host: string) => ({ HOST_NAME: host, HOST_ADDRESS: hosts.address(host) })
  const on = (host: string, command: readonly string[], serves: RegExp) =>
    new StagedProcess({
      command: hosts.on(host, command),
      serves,
      env: envOf(host),
      said: (line) => said(host, line),
    })
  const redis = new StagedProcess({
    command: hosts.on('redis', redisCommand(redisPlace.host)),
    serves: /(Ready to accept connections)/,
    stream: 'stdout',
  })
  const workers = Object.fromEntries(
    workerHosts.map((host) => {
      const [shard] = host.split('-')
      const command = [...presage, 'worker', '--shard', shard, '--host', hosts.address(host)]
      return [host, on(host, command, /(Presage serves shard)/)]
    }),
  )
  const gateways = Object.fromEntries(
    gatewayHosts.map((host) => [host, on(host, [...presage, 'start'], /(Presage serves http)/)]),
  )
  const createEnvoy = (binary: string): FleetEnvoy => {
    const host = hosts.address(envoyHost)
    const files = join(folder, 'envoy')
    const place = { folder: files, host, port: envoyPort, adminPort: 9901 }
    const args = envoyArguments(join(folder, 'envoy.yaml'), place)
    return {
      url: `http://${host}:${envoyPort}`,
      proxy: on(envoyHost, [binary, ...args], /(starting workers)/),
      sync: on(envoyHost, [...presage, 'proxy', 'sync', '--out', files], /(Presage keeps Envoy's files)/),
    }
  }
  const envoy = envoyBinary === undefined ? undefined : createEnvoy(envoyBinary)
  return {
    hosts,
    redis,
    workers,
    gateways,
    urls: gatewayHosts.map((host) => `http://${hosts.address(host)}:${gatewayPort}`),
    envoy,
    async start() {
      await redis.start()
      await Promise.all(Object.values(workers).map((one) => one.start()))
      const publish = [...presage.slice(1), 'rules', 'publish', join(folder, 'rules.yaml'), '--create']
      execFileSync(presage[0], publish, { env: { ...asStarted, ...envOf(gatewayHosts[0]) }, stdio: 'pipe' })
      await Promise.all(Object.values(gateways).map((one) => one.start()))
      await envoy?.sync.start()
      await envoy?.proxy.start()
    },
    async flush() {
      const client = new Redis({ ...redisPlace, lazyConnect: true })
      await client.connect()
      await client.flushall()
      client.disconnect()
    },
    async close() {
      const all = [redis, ...Object.values(workers), ...Object.values(gateways), envoy?.sync, envoy?.proxy]
      await Promise.all(all.map((one) => one?.kill('SIGKILL')))
    },
  }
}

const redisPort = 6379

/** Without a disk: one that starts anew is empty. */
function redisCommand(host: string): readonly string[] {
  const place = ['--bind', host, '--port', String(redisPort), '--protected-mode', 'no']
  return ['redis-server', ...place, '--save', '', '--appendonly', 'no']
}

/** Rules, members and limits are in Redis; each version is on both workers of its shard. */
function writeConfig(folder: string, redis: string): string {
  const shard = { workers: 1, copies: 2, redis: {} }
  return writePlacedModels(
    folder,
    {
      server: { host: `\${env.HOST_ADDRESS}`, port: gatewayPort, timeout: '1s', grace: '5s' },
      shards: { main: {}, ...Object.fromEntries(shards.map((name) => [name, shard])) },
      worker: { drain: '2s' },
      rules: { file: 'rules.yaml', store: { redis, name: 'fleet' }, node: `\${env.HOST_NAME}` },
      limits: { shared: { redis } },
    },
    1_000_000,
  )
}
