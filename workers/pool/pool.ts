import type { Clock } from '../../lib/clock'
import { LoadError } from '../../lib/errors'
import { Emitter } from '../../lib/events'
import type { Metrics } from '../../lib/metrics'
import type { GraphSignature, Tensors } from '../../models/types/tensor'
import { metricNames } from '../batching/metricNames'
import { Growth, type Waiting } from './growth'
import { Seat, type SeatOptions, type WorkerStatus } from './seat'
import type { StartWorker } from './startWorker'
import type { WarmOptions } from './warmUp'

export interface PoolOptions {
  /** The shard's name; workers are numbered after it. */
  readonly name: string
  readonly kind: string
  /** How many; with `onDemand` how many at most. */
  readonly workers: number
  /**
   * One worker is started, and a version is loaded into one. Others come, and hold a version, once rows of it wait for want of them
   * (`Pool.want`); what has come stays. All are started, and hold every version, unless said.
   */
  readonly onDemand?: boolean
  readonly start: StartWorker
  readonly clock: Clock
  readonly metrics: Metrics
  readonly exceeded?: SeatOptions['exceeded']
  readonly log: (line: string) => void
}

export interface LoadOptions {
  /** How many workers hold the version; all unless said. */
  readonly instances?: number
  /** Of the graph's file, for this and every later worker; not checked unless given. */
  readonly sha256?: string
}

/** A version as every worker holds it. */
interface Version {
  readonly graphPath: string
  readonly sha256?: string
  /** How many workers may hold it. */
  readonly most: number
  warmUp: readonly (() => Tensors)[]
}

/** The workers of a shard: always as many as wanted, each of them replaced when it is lost. */
export class Pool {
  private readonly freedEmitter = new Emitter<void>()
  /** Fires when a worker may have become idle. */
  readonly freed = this.freedEmitter.event

  /** Resolves when all workers are there; rejects, with none left behind, if one cannot be started. */
  static async open(options: PoolOptions): Promise<Pool> {
    const { name, kind, clock, start, workers, onDemand = false } = options
    const lost = options.metrics.counter(metricNames.workersLost, 'Workers that died or were quarantined', {
      shard: name,
    })
    let lastId = 0
    const seatOptions = {
      kind,
      clock,
      start,
      nextId: () => `${name}-${++lastId}`,
      gone: (sentence: string) => {
        lost.inc()
        options.log(`shard ${name}: ${sentence}; another takes its place`)
      },
      exceeded: options.exceeded,
      log: (line: string) => options.log(`shard ${name}: ${line}`),
    }
    const opened = await Promise.allSettled(
      Array.from({ length: onDemand ? 1 : workers }, () => Seat.open(seatOptions)),
    )
    const seats = opened.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []))
    const failure = opened.find((result) => result.status === 'rejected')
    if (failure) {
      await Promise.all(seats.map((seat) => seat.dispose()))
      throw new LoadError([
        `shard ${name}: a ${kind} worker did not start: ${(failure.reason as Error).message}`,
      ])
    }
    return new Pool(seats, seatOptions, workers, onDemand)
  }

  private readonly versions = new Map<string, Version>()
  private readonly growth: Growth | undefined
  /** Loads and warm-ups under way. */
  private changes = 0
  private closed = false
  private renewal: { readonly over: Promise<void>; readonly begin: () => void } | undefined
  private lastRenewal: Promise<void> = Promise.resolve()

  private constructor(
    private readonly seats: Seat[],
    private readonly seatOptions: SeatOptions,
    /** How many seats there may be. */
    private readonly most: number,
    onDemand: boolean,
  ) {
    for (const seat of seats) seat.freed(() => this.freedEmitter.fire())
    if (!onDemand) return
    this.growth = new Growth({
      clock: seatOptions.clock,
      // To bring versions in keeps workers from rows; another worker for that would be one for the start alone.
      hasRoom: (key) => this.changes === 0 && this.holders(key) < (this.versions.get(key)?.most ?? 0),
      hasIdle: (key) => this.idle(key) !== undefined,
      grow: (key) => this.grow(key),
      log: seatOptions.log,
    })
  }

  /**
   * Loads a version into `instances` workers (all unless said; one if others come on demand), one after the other so that the others go on
   * serving. Rejects, and then none holds it, if one of them refuses it.
   */
  async load(key: string, graphPath: string, options: LoadOptions = {}): Promise<GraphSignature> {
    const { sha256 } = options
    const most = Math.max(1, Math.min(options.instances ?? this.most, this.most))
    const [first, ...others] = this.seatsFor(key, this.growth ? 1 : most)
    // Known before it is held: what is unloaded meanwhile is known no more.
    this.versions.set(key, { graphPath, sha256, most, warmUp: [] })
    const holding = [first]
    this.changes++
    try {
      const signature = await first.hold(key, graphPath, sha256)
      for (const seat of others) {
        holding.push(seat)
        await seat.hold(key, graphPath, sha256)
      }
      return signature
    } catch (error) {
      // Those that did take it are renewed.
      this.unload(key)
      throw error
    } finally {
      this.changes--
    }
  }

  /**
   * Has every worker that holds a version, now or as a replacement, run these batches before its next. One of them tells
   * what they take. `gently`: one worker after the other, so that the others go on serving.
   */
  async warm(key: string, warmUp: readonly (() => Tensors)[], options: WarmOptions = {}): Promise<void> {
    const version = this.versions.get(key)
    if (version) version.warmUp = warmUp
    const seats = this.seats.filter((seat) => seat.has(key))
    const warm = (seat: Seat) =>
      seat.warm(key, warmUp, seat === seats[0] ? options : { gently: options.gently })
    this.changes++
    try {
      if (options.gently) for (const seat of seats) await warm(seat)
      else await Promise.all(seats.map(warm))
    } finally {
      this.changes--
    }
  }

  /**
   * Nobody holds the version any more; nothing of it may run or be asked for. Resolves when its memory is given back: those
   * workers that had it are renewed, one after the other, once for all that are unloaded within a moment.
   */
  unload(key: string): Promise<void> {
    this.versions.delete(key)
    for (const seat of this.seats) seat.drop(key)
    this.renewal ??= this.renewLater()
    return this.renewal.over
  }

  /** How many seats hold the version. */
  holders(key: string): number {
    let count = 0
    for (const seat of this.seats) if (seat.has(key)) count++
    return count
  }

  /** A worker that can start a batch of this version now: the one that was used least recently, so that all stay warm. */
  idle(key: string): Seat | undefined {
    let found: Seat | undefined
    for (const seat of this.seats) {
      if (seat.isIdle(key) && (!found || seat.usedAt < found.usedAt)) found = seat
    }
    return found
  }

  /** Rows of a queue wait, and no worker that holds their version is idle. */
  want(queue: Waiting): void {
    this.growth?.notice(queue)
  }

  status(): WorkerStatus[] {
    return this.seats.flatMap((seat) => seat.status())
  }

  async dispose(): Promise<void> {
    this.closed = true
    this.renewal?.begin()
    await Promise.all([this.growth?.dispose(), ...this.seats.map((seat) => seat.dispose())])
  }

  /** Has a seat that does not hold the version hold it, a new one if there is none. */
  private async grow(key: string): Promise<void> {
    const version = this.versions.get(key)
    const seat = this.seats.find((one) => !one.has(key)) ?? (await this.openSeat())
    if (version === undefined || seat === undefined) return
    await seat.hold(key, version.graphPath, version.sha256)
    // Unloaded meanwhile, when this seat did not hold it yet.
    if (this.versions.get(key) !== version) {
      seat.drop(key)
      this.renewal ??= this.renewLater()
      return
    }
    await seat.warm(key, version.warmUp, { gently: true })
  }

  private async openSeat(): Promise<Seat | undefined> {
    const seat = await Seat.open(this.seatOptions)
    if (this.closed) {
      await seat.dispose()
      return undefined
    }
    seat.freed(() => this.freedEmitter.fire())
    this.seats.push(seat)
    return seat
  }

  private renewLater(): { over: Promise<void>; begin: () => void } {
    let begin!: () => void
    const due = new Promise<void>((resolve) => {
      const cancel = this.seatOptions.clock.after(renewAfterMs, resolve)
      begin = () => {
        cancel()
        resolve()
      }
    })
    this.lastRenewal = Promise.all([due, this.lastRenewal]).then(async () => {
      this.renewal = undefined
      for (const seat of this.seats) await seat.renew()
    })
    return { over: this.lastRenewal, begin }
  }

  /** Those that hold it already, then those that hold the fewest versions. */
  private seatsFor(key: string, instances: number): readonly Seat[] {
    return [...this.seats]
      .sort((a, b) => Number(b.has(key)) - Number(a.has(key)) || a.versionCount - b.versionCount)
      .slice(0, instances)
  }
}

/** Of versions that go together most are named within this time; each worker is then renewed once for all of them. */
const renewAfterMs = 1_000
