import { Cores } from './cores'
import { Outcomes } from './outcomes'
import type { ServerOptions } from './serverOptions'
import { SimulatedConnection } from './simulatedConnection'
import { SimulatedGateway } from './simulatedGateway'
import { SimulatedServer } from './simulatedServer'
import type { VirtualTime } from './virtualTime'
import { weighted } from './weighted'

export interface FleetOptions {
  readonly gateways: number
  readonly servers: number
  /** What one server does. */
  readonly server: ServerOptions
  /** If given, all servers share so many cores. */
  readonly sharedCores?: number
  /** Batches that a gateway sends one server at once; servers that hold a version at first. */
  readonly calls: number
  readonly copies: number
  /** Versions, whose popularity follows Zipf's law. */
  readonly versions: number
  readonly tenants: number
  readonly requestsPerSecond: number
  /** Rows of a request, one of these sizes at random. */
  readonly rows: readonly number[]
  readonly timeoutMs: number
  /** Of one way, at least; a fifth of it on average comes on top. */
  readonly networkMs: number
  /** As in `GatewayOptions`. */
  readonly readMs: number
  readonly startMs: number
  readonly answerMs: number
  readonly log?: (line: string) => void
}

/** Gateways that ask servers, under a clock of their own. */
export class Fleet {
  readonly gateways: SimulatedGateway[] = []
  readonly servers: readonly SimulatedServer[]
  readonly keys: readonly string[]
  outcomes = new Outcomes()
  /** How many requests of the tenant in question more than usual come, as a factor. */
  readonly burst = { tenant: '', factor: 1 }
  private readonly byAddress: ReadonlyMap<string, SimulatedServer>
  private readonly pickKey: () => number
  private isAsking = false

  constructor(
    readonly time: VirtualTime,
    readonly options: FleetOptions,
  ) {
    const cores = options.sharedCores === undefined ? undefined : new Cores(time, options.sharedCores)
    this.servers = Array.from(
      { length: options.servers },
      (_, at) => new SimulatedServer(`10.0.0.${at + 1}:8000`, time, options.server, cores),
    )
    this.byAddress = new Map(this.servers.map((server) => [server.address, server]))
    this.keys = Array.from({ length: options.versions }, (_, at) => `model-${at + 1}@1`)
    this.pickKey = weighted(
      this.keys.map((_, at) => 1 / (at + 1)),
      time.random,
    )
  }

  /** Has all gateways load all versions. */
  async start(): Promise<void> {
    const { time, options } = this
    const networkMs = () => options.networkMs * (1 - 0.2 * Math.log(1 - time.random()))
    const started = Promise.all(
      Array.from({ length: options.gateways }, () =>
        SimulatedGateway.start(
          {
            time,
            endpoints: this.servers.map(({ address }) => address),
            connect: (id, address) =>
              SimulatedConnection.open(id, this.byAddress.get(address)!, time, networkMs),
            calls: options.calls,
            copies: options.copies,
            maxRows: options.server.maxRows,
            readMs: options.readMs,
            startMs: options.startMs,
            answerMs: options.answerMs,
            ...(options.log && { log: options.log }),
          },
          this.keys,
        ),
      ),
    )
    await time.run(started)
    this.gateways.push(...(await started))
  }

  /** Asks for so long, and goes on asking until `stop`. */
  async ask(ms: number): Promise<void> {
    if (!this.isAsking) {
      this.isAsking = true
      this.askNext()
    }
    await this.time.run(this.time.now() + ms)
  }

  /** Asks no more, and waits until every request is answered, or so long. */
  async stop(ms: number): Promise<void> {
    this.isAsking = false
    await this.time.run(this.time.now() + ms)
  }

  /** Counts anew. Returns what was counted so far; what is asked from now on counts in the next. */
  count(): Outcomes {
    const { outcomes } = this
    this.outcomes = new Outcomes()
    return outcomes
  }

  async dispose(): Promise<void> {
    await this.time.run(Promise.all(this.gateways.map((gateway) => gateway.dispose())))
  }

  /** The addresses of servers that have a version loaded. */
  holdersOf(key: string): readonly string[] {
    return this.servers.filter((server) => server.holds(key)).map(({ address }) => address)
  }

  /** Requests at random times: a Poisson process. */
  private askNext(): void {
    const { time, options, burst } = this
    const usual = options.requestsPerSecond
    const extra = (usual / options.tenants) * (burst.factor - 1)
    const seconds = -Math.log(1 - time.random()) / (usual + extra)
    time.after(seconds * 1000, () => {
      if (!this.isAsking) return
      const isExtra = time.random() * (usual + extra) >= usual
      const tenant = isExtra ? burst.tenant : `tenant ${Math.floor(time.random() * options.tenants)}`
      this.request(tenant)
      this.askNext()
    })
  }

  private request(tenant: string): void {
    const { time, options, outcomes, gateways } = this
    const at = time.now()
    const isBursting = tenant === this.burst.tenant
    outcomes.open(isBursting)
    gateways[Math.floor(time.random() * gateways.length)].take({
      key: this.keys[this.pickKey()],
      rows: options.rows[Math.floor(time.random() * options.rows.length)],
      tenant,
      at,
      timeoutMs: options.timeoutMs,
      settled: (code) => outcomes.settle(isBursting, code, time.now() - at, options.timeoutMs),
    })
  }
}
