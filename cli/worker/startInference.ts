import { type Answer, createProbePages, metricsPage } from '../../gateway/admin/adminPages'
import { startAdminServer } from '../../gateway/admin/adminServer'
import { isLocalClient } from '../../gateway/admin/localClient'
import { sendNoSuchPath } from '../../gateway/http/sendAnswer'
import { compileProxies } from '../../gateway/identity/trustedProxies'
import { startGrpcServer } from '../../inference/grpc/grpcServer'
import { startInferenceHttp } from '../../inference/http/httpServer'
import { createInferenceService } from '../../inference/inferenceService'
import { ModelMemory } from '../../inference/memory/modelMemory'
import { createRepositoryControl } from '../../inference/repositoryControl'
import { createTensorShard } from '../../inference/tensors/tensorShard'
import { tensorsOf } from '../../inference/views/tensorView'
import { addressOf } from '../../lib/addresses/addressOf'
import { systemClock } from '../../lib/clock'
import { LoadError } from '../../lib/errors'
import { notOneOf } from '../../lib/files/nearMiss'
import { packageVersion } from '../../lib/packagePaths'
import { fairShares } from '../../lib/request/caller'
import { LiveRepository } from '../../models/live/liveRepository'
import { ModelLibrary } from '../../serving/repository/modelLibrary'
import { ModelRegistry } from '../../serving/repository/modelRegistry'
import { createPrometheusMetrics, type PrometheusMetrics } from '../../telemetry/prometheus'
import type { RedisRegistration, RedisRegistrationOptions } from '../../workers/members/redisRegistration'
import type { Address } from '../config/address'
import { adminAddress } from '../config/adminAddress'
import type { Config } from '../config/config'
import { workerMemoryShare } from '../config/workerMemory'
import { listenProblem, requireDistinctPorts } from '../deployment/listenProblem'
import { readRepositories } from '../graph/repositories'
import { startShards, startsOnDemand } from '../predictions/startShards'
import { watchModels } from '../predictions/watchModels'
import { advertisedAddress } from './advertisedAddress'
import { openWorkerTls } from './openWorkerTls'
import { readPlacement } from './placement'

export interface WorkerAddress extends Pick<Address, 'adminHost' | 'adminPort'> {
  readonly host?: string
  readonly httpPort?: number
  readonly grpcPort?: number
}

/** The models of a shard, served by the Open Inference Protocol. */
export interface ServedShard {
  /** Without a path. */
  readonly url: string
  readonly grpcAddress: string
  readonly adminUrl: string | undefined
  readonly registry: ModelRegistry
  /** Settles when every version of the shard is ready or refused. */
  readonly loaded: Promise<void>
  /** Stops in two phases: not ready but serving for `worker.drain`, then closed once the requests in flight are done. */
  close(): Promise<void>
}

/**
 * Serves the versions that the rule file places on a shard; all versions if there is no rule file. The servers open
 * before the models are loaded. Rejects, with nothing left running, with a LoadError if the shard is unknown, files of
 * the repositories are wrong, or an address is not available.
 */
export async function startInference(
  config: Config,
  name: string,
  address: WorkerAddress,
  log: (line: string) => void,
  metrics: PrometheusMetrics = createPrometheusMetrics(),
): Promise<ServedShard> {
  const clock = systemClock
  checkShard(config, name)
  const addresses = workerAddresses(config, address)
  const placement = readPlacement(config, name)
  const read = readRepositories(config)
  const tls = await openWorkerTls(config, log)
  // The members are where others find it.
  const { members, ...settings } = config.shards[name]
  const { protocol = 'http' } = settings
  const ownHost = addresses[protocol].host
  const advertised = members?.by === 'redis' ? advertisedAddress(config.worker.advertise, ownHost) : undefined
  const shards = await startShards({ [name]: settings }, { clock, metrics, log, loadsOften: true })
  const shard = createTensorShard(shards.get(name)!)
  const registry = new ModelRegistry()
  const repository = new LiveRepository(read, { isPublished: (key) => registry.isPublished(key) })
  const { objectives } = repository
  const memory = new ModelMemory({
    registry,
    repository,
    library: () => library,
    copies: shard.copies,
    firstCopies: startsOnDemand(settings) ? 1 : settings.workers,
    budget: config.worker.modelMemory ?? usualModelMemory(settings),
    clock,
    metrics,
    log,
  })
  const library: ModelLibrary = new ModelLibrary({
    repository,
    host: { registry, shards: new Map([[name, shard]]), objectives, clock },
    shardsOf: () => [name],
    // What an operator unloads goes, whatever the rules say.
    isNamed: () => false,
    isWanted: ({ key }) => placement.has(key),
    isDeferred: memory.isDeferred,
    unused: (key) => memory.unused(key),
    log,
  })
  let state: 'loading' | 'ready' | 'draining' = 'loading'
  const service = createInferenceService({
    registry,
    repository: createRepositoryControl({
      ...{ repository, registry, library, memory },
      tensorsOf(key) {
        const signature = shard.signature(key)
        return signature && tensorsOf(signature)
      },
    }),
    memory,
    shard,
    clock,
    maxRows: config.limits.predictionRows,
    timeoutMs: config.server.timeout,
    isReady: () => state === 'ready',
    version: packageVersion(),
  })
  const { worker, limits, server } = config
  fairShares.share(server.fairness)
  const inFlight = { count: 0, isTrusted: compileProxies(config.trust.trustedProxies) }
  const common = {
    ...{ service, inFlight, clock, log },
    maxBodyBytes: limits.subgraphBodyBytes,
    ...(tls && { tls }),
  }
  const closers: ((graceMs: number) => Promise<void>)[] = []
  const probePages = createProbePages(() => state === 'ready')
  const shownMetrics = metricsPage(metrics.text)
  try {
    const http = await startInferenceHttp({
      ...common,
      ...addresses.http,
      pages: new Map(probePages).set('/metrics', forThisMachine(shownMetrics)),
    })
    closers.push(http.close)
    const grpc = await startGrpcServer({ ...common, ...addresses.grpc })
    closers.push(grpc.close)
    registry.changed(grpc.readinessChanged)
    const admin =
      addresses.admin &&
      (await startAdminServer({
        address: addresses.admin,
        pages: new Map(probePages).set('/metrics', shownMetrics),
        sendTimeoutMs: 30_000,
        fail(error, response) {
          log(`a page failed: ${(error as Error).message}`)
          response.destroy()
        },
      }))
    if (admin) closers.push(admin.close)
    let registration: RedisRegistration | undefined
    await memory.fill(placement.inOrder(repository.versions))
    const loaded = library.load().then(() => {
      if (state === 'loading') {
        state = 'ready'
        if (members?.by === 'redis' && advertised !== undefined) {
          const own = advertised(protocol === 'grpc' ? grpc.port : http.port)
          registration = openRegistration({ ...members, shard: name, address: own, clock, log })
        }
      }
      grpc.readinessChanged()
    })
    const watch = watchModels(config, library, {
      clock,
      first: repository.appearances,
      log,
      onTaken: () => {},
    })
    let closing: Promise<void> | undefined
    const close = async () => {
      state = 'draining'
      grpc.readinessChanged()
      const left = registration?.close()
      await new Promise((resolve) => setTimeout(resolve, worker.drain))
      await left
      watch.stop()
      service.dispose()
      await Promise.all(closers.map((one) => one(server.grace)))
      tls?.dispose()
      const over = library.dispose()
      repository.stop()
      await shard.dispose()
      await over
    }
    return {
      url: http.url,
      grpcAddress: addressOf(addresses.grpc.host, grpc.port),
      adminUrl: admin?.url,
      registry,
      loaded,
      close() {
        closing ??= close()
        return closing
      },
    }
  } catch (error) {
    await Promise.all(closers.map((one) => one(0)))
    tls?.dispose()
    await shard.dispose()
    throw listenProblem(error, config)
  }
}

/** Where to listen. Throws a LoadError if two of the addresses are the same. */
function workerAddresses(config: Config, address: WorkerAddress) {
  const { http, grpc } = config.worker
  const { host, httpPort, grpcPort, adminPort } = address
  const addresses = {
    http: { host: host ?? http.host, port: httpPort ?? http.port },
    grpc: { host: host ?? grpc.host, port: grpcPort ?? grpc.port },
    admin: adminAddress(config, address),
  }
  requireDistinctPorts(
    [
      { listener: 'inference', ...addresses.http, isOption: httpPort !== undefined },
      { listener: 'inferenceGrpc', ...addresses.grpc, isOption: grpcPort !== undefined },
      ...(addresses.admin
        ? [{ listener: 'admin', ...addresses.admin, isOption: adminPort !== undefined } as const]
        : []),
    ],
    config,
  )
  return addresses
}

/** Loads the client of Redis only where a worker registers itself. */
function openRegistration(options: RedisRegistrationOptions): RedisRegistration {
  const module: typeof import('../../workers/members/redisRegistration') =
    require('../../workers/members/redisRegistration')
  return new module.RedisRegistration(options)
}

function checkShard({ shards }: Config, name: string): void {
  if (Object.hasOwn(shards, name)) return
  throw new LoadError([notOneOf('--shard: must be a shard of the configuration', name, Object.keys(shards))])
}

/** By default, versions may take half of the memory of the worker processes, or of this process. */
function usualModelMemory({ kind, memory, workers }: Config['shards'][string]): number {
  return kind === 'process' && memory !== undefined ? (memory * workers) / 2 : workerMemoryShare(1)
}

/** Metrics name models and tell of their load, so that beside the operators' listener they are for this machine only. */
function forThisMachine(page: Answer): Answer {
  return async (message, response) => {
    if (isLocalClient(message)) return page(message, response)
    sendNoSuchPath(response, '/metrics')
  }
}
