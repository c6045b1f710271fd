import { costOf, StartLimit } from '../../gateway/overload/clientLimits'
import { ConcurrencyLimiter, type Permit } from '../../gateway/overload/concurrencyLimiter'
import { StartQueue } from '../../gateway/overload/startQueue'
import { PresageError } from '../../lib/errors'
import type { Caller } from '../../lib/request/caller'
import type { Connect } from '../../workers/remote/serverConnection'
import { createShard, type Segment, type Shard } from '../../workers/shard'
import { inputsOf, simulatedModel } from './simulatedModel'
import type { VirtualTime } from './virtualTime'

export interface GatewayOptions {
  readonly time: VirtualTime
  readonly endpoints: readonly string[]
  readonly connect: Connect
  readonly calls: number
  readonly copies: number
  readonly maxRows: number
  /** CPU in milliseconds: of reading a request, or refusing it; until its rows are submitted; of its answer. */
  readonly readMs: number
  readonly startMs: number
  readonly answerMs: number
  readonly log?: (line: string) => void
}

/** A request for rows of one version. Times are those of the virtual clock. */
export interface Request {
  readonly key: string
  readonly rows: number
  readonly tenant: string
  readonly at: number
  readonly timeoutMs: number
  /** Called once. `code` is of the error, if there is one. */
  settled(code: string | undefined): void
}

/**
 * A process that asks the servers: the production code of a remote shard with its own balancer, and of the limiter, on
 * an event loop that takes time. What comes in while it works is read in its next turn.
 */
export class SimulatedGateway {
  private shard!: Shard
  private readonly limiter: ConcurrencyLimiter
  private readonly startLimit: StartLimit
  private readonly startQueue: StartQueue
  private inbox: Work[] = []
  private starting: Started[] = []
  private endOfTurn: (() => void)[] = []
  private isWorking = false
  private idle = 0
  private idleSince = 0
  /** Of each tenant, the requests in flight. */
  private readonly inside = new Map<string, number>()
  private inFlight = 0
  busyMs = 0

  private constructor(private readonly options: GatewayOptions) {
    const { time } = options
    const idleMs = () => this.idle + (this.isWorking ? 0 : time.now() - this.idleSince)
    const { atEndOfTurn } = this
    this.limiter = new ConcurrencyLimiter(idleMs, atEndOfTurn)
    this.startLimit = new StartLimit({ loopIdleMs: idleMs, isBusy: (now) => this.limiter.isBusy(now) })
    this.startQueue = new StartQueue({
      atEndOfTurn,
      startsPerTurn: () => this.limiter.startsPerTurn(time.now()),
      mayStart: (tenant) => this.startLimit.mayStart(tenant, time.now()),
    })
  }

  /** With these versions in service. */
  static async start(options: GatewayOptions, keys: readonly string[]): Promise<SimulatedGateway> {
    const gateway = new SimulatedGateway(options)
    const { endpoints, calls, copies, connect, time, maxRows, log } = options
    const shard = await createShard({
      name: 'fleet',
      kind: 'thread',
      workers: 1,
      remote: { endpoints, calls, copies, connect },
      clock: time,
      log,
    })
    gateway.shard = shard
    const check = async (run: (tensors: ReturnType<typeof inputsOf>) => Promise<unknown>) => {
      await run(inputsOf(8))
    }
    await Promise.all(
      keys.map(async (key) => {
        const model = simulatedModel(key, maxRows)
        await shard.load(key, '')
        await shard.warm(key, [])
        shard.serve(model)
        await shard.remote?.verify(model, check)
      }),
    )
    return gateway
  }

  /** Takes a request from a client. */
  take(request: Request): void {
    this.read(this.options.readMs, () => this.admit(request))
  }

  status(): ReturnType<Shard['status']> {
    return this.shard.status()
  }

  dispose(): Promise<void> {
    return this.shard.dispose()
  }

  private callerOf({ tenant }: Request): Caller {
    return {
      client: tenant,
      isOnlyRequest: this.inFlight === 1,
      isAborted: false,
      signal: never,
      onLeave() {},
      offLeave() {},
    }
  }

  /** As the production code does once the head of a request has been read. */
  private admit(request: Request): void {
    const { limiter } = this
    const { tenant, timeoutMs, at } = request
    const now = this.options.time.now()
    const own = this.inside.get(tenant) ?? 0
    const tenants = this.inside.size + (own === 0 ? 1 : 0)
    if (!limiter.hasRoom(now, timeoutMs) && !limiter.hasFairShare(now, timeoutMs, own, tenants)) {
      request.settled('OVERLOADED')
      return
    }
    this.count(tenant, 1)
    const permit = limiter.acquire(now, timeoutMs, at)
    const proceed = () => {
      const now = this.options.time.now()
      if (!limiter.tryStart(now, permit)) return this.end(request, permit, 'OVERLOADED', false)
      this.startLimit.start(tenant, now)
      this.starting.push({ request, permit })
    }
    this.startQueue.add({ client: tenant, proceed })
  }

  private submit({ request, permit }: Started): void {
    const { key, rows, at, timeoutMs } = request
    const ended = (code: string | undefined) =>
      this.read(this.options.answerMs, () => {
        this.startLimit.end(
          request.tenant,
          costOf({ bodyBytes: 0, predictionRows: rows, values: rows }),
          this.options.time.now(),
        )
        this.startQueue.resume()
        this.end(request, permit, code, true)
      })
    this.shard.submit(key, [], rows, { deadline: at + timeoutMs, caller: this.callerOf(request) }).then(
      (segments) => ended(codeOf(segments, rows)),
      (error) => ended(error instanceof PresageError ? error.code : String(error)),
    )
  }

  private end(request: Request, permit: Permit, code: string | undefined, isAnswered: boolean): void {
    this.count(request.tenant, -1)
    this.limiter.release(this.options.time.now(), permit, isAnswered)
    request.settled(code)
  }

  private count(tenant: string, change: 1 | -1): void {
    this.inFlight += change
    const now = (this.inside.get(tenant) ?? 0) + change
    if (now === 0) this.inside.delete(tenant)
    else this.inside.set(tenant, now)
  }

  /** Something to read from the network, in the next turn of the event loop. */
  private read(ms: number, effect: () => void): void {
    this.inbox.push({ ms, effect })
    if (!this.isWorking) this.turn()
  }

  private readonly atEndOfTurn = (callback: () => void): void => {
    this.endOfTurn.push(callback)
  }

  /** One turn of the event loop: all that has come is read, then what may start is started. */
  private turn(): void {
    const { time, startMs } = this.options
    const { inbox } = this
    this.inbox = []
    this.isWorking = true
    this.idle += time.now() - this.idleSince
    let ms = 0
    for (const one of inbox) ms += one.ms
    time.after(ms, () => {
      for (const { effect } of inbox) effect()
      const { starting } = this
      this.starting = []
      this.busyMs += ms + starting.length * startMs
      time.after(starting.length * startMs, () => {
        for (const one of starting) this.submit(one)
        const { endOfTurn } = this
        this.endOfTurn = []
        for (const callback of endOfTurn) callback()
        this.isWorking = false
        this.idleSince = time.now()
        if (this.inbox.length + this.starting.length + this.endOfTurn.length > 0) this.turn()
      })
    })
  }
}

interface Work {
  readonly ms: number
  readonly effect: () => void
}

interface Started {
  readonly request: Request
  readonly permit: Permit
}

const never = new AbortController().signal

/** The first error's code. Throws if the segments do not cover all rows. */
function codeOf(segments: readonly Segment[], rows: number): string | undefined {
  let covered = 0
  let code: string | undefined
  for (const segment of segments) {
    covered += segment.rows
    code ??= segment.error?.code
  }
  if (covered !== rows) throw new Error(`${rows} rows were submitted, ${covered} are answered`)
  return code
}
