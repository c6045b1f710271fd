import { X509Certificate } from 'node:crypto'
import { connect } from 'node:tls'
import { isDeepStrictEqual } from 'node:util'
import { addressOf } from '../../lib/addresses/addressOf'
import { systemClock } from '../../lib/clock'
import { counted, LoadError } from '../../lib/errors'
import { readTextFile } from '../../lib/files/readTextFile'
import { pathInFile } from '../../lib/files/yamlPlaces'
import { ClientTls } from '../../lib/tls/clientTls'
import type { ServerTlsSettings } from '../../lib/tls/serverTls'
import { compileModel } from '../../models/compile/compileModel'
import { readOutputs } from '../../models/manifest/readOutputs'
import type { FoundVersion } from '../../models/repository/readVersion'
import { loadRepository } from '../../models/repository/repository'
import { splitAddress } from '../../workers/remote/connection/splitAddress'
import { type RemoteProtocol, RemoteWorker } from '../../workers/remote/remoteWorker'
import type { Config } from '../config/config'
import { workerShape } from '../config/remoteConfig'
import { withPlaces } from '../config/shards/settingPlaces'
import { otherFiles } from '../shardCommands/otherFiles'
import { openWorkerTls } from '../worker/openWorkerTls'
import { readPlacement } from '../worker/placement'
import { patienceMs } from './patience'
import { listenProblemAt, type Place } from './surroundings'

export interface NamedEndpoint {
  readonly shard: string
  readonly address: string
  /** The path of the setting. */
  readonly path: string
}

export function namedEndpoints({ shards }: Config): readonly NamedEndpoint[] {
  return Object.entries(shards).flatMap(([shard, { members }]) =>
    (members?.by === 'endpoints' ? members.addresses : []).map((address, at) => ({
      shard,
      address,
      path: `shards.${shard}.endpoints.${at}`,
    })),
  )
}

/**
 * Checks that a server is ready, and which of its shard's versions it serves, with what tensors and, of a Presage worker,
 * files. Loads nothing.
 */
export async function checkEndpoint(
  config: Config,
  { shard, address, path }: NamedEndpoint,
): Promise<string> {
  const { protocol = 'http', tls: settings } = config.shards[shard]
  const isPlaced = readPlacement(config, shard).has
  const versions = loadRepository(config.repositories).versions.flatMap((one) =>
    one.state === 'found' && isPlaced(one.key) ? [one] : [],
  )
  const place = `${pathInFile(config.file, path)}: ${address}`
  const tls = await withPlaces(
    config.file,
    () => settings && new ClientTls(settings, `shards.${shard}.tls`, () => {}),
  )
  try {
    const worker = await dial(address, protocol, tls).catch((error: Error) => {
      throw new LoadError([`${place}: must be a server that is ready, got: ${error.message}`])
    })
    try {
      return await report(worker, versions, place, address)
    } finally {
      await worker.dispose()
    }
  } finally {
    tls?.dispose()
  }
}

async function report(
  worker: RemoteWorker,
  versions: readonly FoundVersion[],
  place: string,
  address: string,
): Promise<string> {
  const index = worker.canLoad ? await worker.index().catch(() => undefined) : undefined
  const indexed = index?.versions.map(({ name, version }) => `${name}@${version}`)
  const missing: string[] = []
  const problems = (index ? otherFiles(worker, index, versions) : []).map(
    (key) => `${place}: must have the files of ${key} that the repositories here have, got others`,
  )
  for (const version of versions) {
    const { key, graphPath, manifest } = version
    const { sha256, data } = manifest.graph
    const signature = await worker
      .load(key, graphPath, { sha256, data, outputs: readOutputs(manifest), remote: manifest.remote })
      .catch((error: Error) => {
        if (worker.canLoad) missing.push(key)
        else problems.push(`${place}: must serve ${key}, got: ${error.message}`)
      })
    if (signature === undefined) continue
    try {
      compileModel(version, signature)
    } catch (error) {
      problems.push(`${place}: tensors of ${key}: ${(error as Error).message}`)
    }
  }
  if (problems.length > 0) throw new LoadError(problems)
  const held = versions.length - missing.length
  // What another server can load, its index need not tell.
  const isAbsent = (key: string) => worker.isPresage && indexed?.includes(key) === false
  const absent = missing.filter(isAbsent)
  const loadable = missing.filter((key) => !isAbsent(key))
  const rest = [
    ...(loadable.length === 0 ? [] : [`, and is asked to load ${loadable.join(', ')} when rows need it`]),
    ...(absent.length === 0 ? [] : [`; its repositories lack ${absent.join(', ')}`]),
  ].join('')
  return `${address} is ready and serves ${held} of ${counted(versions.length, 'version')} with the tensors that they need${rest}`
}

/** Whether this project runs `presage worker`, as far as its configuration tells. */
export function servesShards({ shards, worker }: Config): boolean {
  return (
    Object.values(shards).some(({ members }) => members !== undefined) ||
    !isDeepStrictEqual(worker, workerShape.parse(undefined))
  )
}

/** Checks that the ports of `presage worker` are free, or that a server of models has them, and its certificates. */
export async function checkWorker(config: Config): Promise<string> {
  const { worker } = config
  const endpoints: readonly (readonly [Place, RemoteProtocol])[] = [
    [['inference', worker.http], 'http'],
    [['inferenceGrpc', worker.grpc], 'grpc'],
  ]
  const problems: string[] = []
  // What has expired is told as it is at a start.
  const tls = await openWorkerTls(config, (line) => problems.push(line))
  tls?.dispose()
  const found: string[] = []
  for (const [place, protocol] of endpoints) {
    const [, { host, port }] = place
    const address = addressOf(host, port)
    const problem = await listenProblemAt(place, config, 'presage worker')
    if (problem === undefined) found.push(`${address} is free for ${names[protocol]}`)
    else if (await servesModels(address, protocol, worker.tls))
      found.push(`a server of models runs at ${address} already`)
    else problems.push(problem)
  }
  if (problems.length > 0) throw new LoadError(problems)
  return found.join(' and ')
}

const names = { http: 'HTTP', grpc: 'gRPC' } as const

/** Whether a server of the protocol answers, ready or not. With TLS, this project's own is known by its certificate. */
async function servesModels(
  address: string,
  protocol: RemoteProtocol,
  tls: ServerTlsSettings | undefined,
): Promise<boolean> {
  if (tls !== undefined) return hasCertificate(address, tls)
  try {
    await (await dial(address, protocol, undefined)).dispose()
    return true
  } catch (error) {
    return (error as Error).message === 'it is not ready'
  }
}

function hasCertificate(address: string, { cert, key }: ServerTlsSettings): Promise<boolean> {
  const [pem, keyPem] = [cert, key].map((file) => readTextFile(file))
  const [host, port] = splitAddress(address)
  return new Promise((resolve) => {
    const end = (isSo: boolean) => {
      resolve(isSo)
      socket.destroy()
    }
    // Compared with our own, so that nothing else has to vouch for it.
    const socket = connect(
      { host, port: Number(port), cert: pem, key: keyPem, rejectUnauthorized: false },
      () => end(socket.getPeerX509Certificate()?.raw.equals(new X509Certificate(pem).raw) === true),
    )
    socket.setTimeout(patienceMs, () => end(false))
    socket.on('error', () => end(false))
  })
}

function dial(address: string, protocol: RemoteProtocol, tls: ClientTls | undefined): Promise<RemoteWorker> {
  return RemoteWorker.start('doctor', {
    address,
    protocol,
    tls,
    clock: systemClock,
    mayLoad: false,
    readyMs: patienceMs,
  })
}
