import type { Clock } from '../../lib/clock'
import { Emitter } from '../../lib/events'
import { invariant } from '../../lib/invariant'
import type { Metrics } from '../../lib/metrics'
import type { Model } from '../../models/contracts/model'
import type { GraphSignature, Tensors } from '../../models/types/tensor'
import type { Runner } from '../batching/execution'
import { metricNames } from '../batching/metricNames'
import type { WorkerStatus } from '../pool/seat'
import type { LoadOptions, RemoteSide, ServerCheck, WorkerPool } from '../pool/workerPool'
import { WorkerLost } from '../runtime/workerLost'
import type { ConnectedServer } from './connectedServer'
import { Endpoint } from './endpoint'
import { RemoteVersion } from './remoteVersion'
import { type RemoteProtocol, RemoteWorker } from './remoteWorker'

export interface RemotePoolOptions {
  /** The shard's name, from which workers take their names. */
  readonly name: string
  /** Addresses of servers, `host:port`. */
  readonly endpoints: readonly string[]
  readonly protocol: RemoteProtocol
  /** How many batches each server may have at once. */
  readonly calls: number
  readonly clock: Clock
  readonly metrics: Metrics
  readonly log: (line: string) => void
  /** From 0 to 1. */
  readonly random?: () => number
}

/**
 * The servers of a remote shard. A batch goes to the cheaper one of two that are drawn at random (power of two choices,
 * Mitzenmacher, 2001).
 */
export class RemotePool implements WorkerPool {
  private readonly freedEmitter = new Emitter<void>()
  readonly freed = this.freedEmitter.event
  private readonly joinedEmitter = new Emitter<void>()
  readonly remote: RemoteSide = {
    joined: this.joinedEmitter.event,
    verify: (model, check) => this.verify(model, check),
    away: (key) =>
      this.versions.has(key) && this.endpoints.every((one) => one.isAway(key)) ? this.nobody : undefined,
  }
  private readonly versions = new Map<string, RemoteVersion>()
  private readonly endpoints: readonly Endpoint[]
  /** Refuses batches. */
  private readonly nobody: Runner
  private readonly random: () => number
  /** Those to draw from; kept, so that a dispatch allocates nothing. */
  private readonly drawn: Endpoint[] = []

  constructor(private readonly options: RemotePoolOptions) {
    const { name, endpoints, protocol, clock, calls, metrics, log, random = Math.random } = options
    this.random = random
    const lost = metrics.counter(metricNames.workersLost, 'Workers that died or were quarantined', {
      shard: name,
    })
    const freed = () => this.freedEmitter.fire()
    this.endpoints = endpoints.map(
      (address, at) =>
        new Endpoint({
          id: `${name}-${at + 1}`,
          address,
          calls,
          clock,
          start: (id) => RemoteWorker.start(id, { address, protocol, clock }),
          versions: this.versions,
          joined: () => {
            freed()
            this.joinedEmitter.fire()
          },
          left() {
            lost.inc()
            freed()
          },
          hasOthers: () => this.endpoints.some((one, place) => place !== at && one.server !== undefined),
          freed,
          log: (line) => log(`shard ${name}: ${line}`),
        }),
    )
    const message = `no server of shard ${name} can be reached`
    this.nobody = {
      isInline: false,
      workerId: `${name}-0`,
      infer: () => Promise.reject(new WorkerLost(message, true, 'WORKER_LOST', true)),
    }
  }

  async load(
    key: string,
    graphPath: string,
    { instances: _, ...graph }: LoadOptions = {},
  ): Promise<GraphSignature> {
    await Promise.all(this.endpoints.map(({ tried }) => tried))
    const version = new RemoteVersion(key, graphPath, graph)
    this.versions.set(key, version)
    const signatures = await this.onSome(
      version,
      (server) => server.load(version),
      () => true,
    )
    const signature = version.agree(signatures)
    await this.onSome(version, async (server) => server.checkSignature(version))
    return signature
  }

  async warm(key: string, warmUp: readonly (() => Tensors)[]): Promise<void> {
    const version = this.versionOf(key)
    version.warmUp = warmUp
    await this.onSome(version, ({ worker }) => version.warm(worker))
  }

  async unload(key: string): Promise<void> {
    const version = this.versions.get(key)
    this.versions.delete(key)
    if (version) for (const { server } of this.endpoints) server?.drop(version)
  }

  holders(key: string): number {
    let count = 0
    for (const endpoint of this.endpoints) if (endpoint.serves(key)) count += this.options.calls
    return count
  }

  idle(key: string, avoids?: string): Runner | undefined {
    const { drawn, endpoints } = this
    drawn.length = 0
    let isOther = false
    let avoided: Endpoint | undefined
    for (let at = 0; at < endpoints.length; at++) {
      const endpoint = endpoints[at]
      if (endpoint.workerId === avoids) avoided = endpoint
      else if (endpoint.isIdle(key)) drawn.push(endpoint)
      else if (endpoint.serves(key)) isOther = true
    }
    if (drawn.length === 0) return !isOther && avoided?.isIdle(key) ? avoided : undefined
    if (drawn.length === 1) return drawn[0]
    const first = Math.floor(this.random() * drawn.length)
    const second = (first + 1 + Math.floor(this.random() * (drawn.length - 1))) % drawn.length
    const now = this.options.clock.now()
    return drawn[first].cost(now) <= drawn[second].cost(now) ? drawn[first] : drawn[second]
  }

  /** There are no more than the configured servers. */
  want(): void {}

  status(): WorkerStatus[] {
    return this.endpoints.map((endpoint) => endpoint.status())
  }

  async dispose(): Promise<void> {
    await Promise.all(this.endpoints.map((endpoint) => endpoint.dispose()))
  }

  private async verify({ key }: Model, check: ServerCheck): Promise<void> {
    const version = this.versionOf(key)
    version.check = check
    await this.onSome(version, (server) => server.verify(version))
    this.freedEmitter.fire()
  }

  private versionOf(key: string): RemoteVersion {
    const version = this.versions.get(key)
    invariant(version, `${key} is used before it is loaded`)
    return version
  }

  /**
   * Does something at each server that holds the version, or as `isMeant` says. Those where it fails do not serve it;
   * rejects if that is all of them.
   */
  private async onSome<T>(
    version: RemoteVersion,
    run: (server: ConnectedServer) => Promise<T>,
    isMeant = (server: ConnectedServer) => server.holds(version),
  ): Promise<readonly T[]> {
    const { name, log } = this.options
    const meant = this.endpoints.flatMap(({ workerId, server }) =>
      server !== undefined && isMeant(server) ? [{ workerId, server }] : [],
    )
    if (meant.length === 0) {
      const reasons = this.endpoints.map(({ workerId, reason }) => `${workerId}: ${reason}`)
      throw new Error(`no server of shard ${name} can serve it: ${reasons.join('; ')}`)
    }
    const results = await Promise.allSettled(meant.map(({ server }) => run(server)))
    const done = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []))
    const failed = results.flatMap((result, at) =>
      result.status === 'rejected' ? [{ ...meant[at], error: result.reason as Error }] : [],
    )
    if (done.length === 0) throw failed[0].error
    for (const { workerId, server, error } of failed) {
      server.drop(version)
      log(`shard ${name}: worker ${workerId} serves without ${version.key}: ${error.message}`)
    }
    return done
  }
}
