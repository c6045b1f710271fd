import type { Clock } from '../lib/clock'
import { LoadError } from '../lib/errors'
import { Emitter } from '../lib/events'
import type { Metrics } from '../lib/metrics'
import type { GraphSignature, Tensors } from '../models/tensor'
import { metricNames } from './metricNames'
import { Seat, type WorkerStatus } from './seat'
import type { StartWorker } from './startWorker'
import type { WarmOptions } from './warmUp'

export interface PoolOptions {
  /** The shard's name; workers are numbered after it. */
  readonly name: string
  readonly kind: string
  readonly workers: number
  readonly start: StartWorker
  readonly clock: Clock
  readonly metrics: Metrics
  readonly log: (line: string) => void
}

export interface LoadOptions {
  /** How many workers hold the version; all unless said. */
  readonly instances?: number
  /** Of the graph's file, for this and every later worker; not checked unless given. */
  readonly sha256?: string
}

/** The workers of a shard: always as many as wanted, each of them replaced when it is lost. */
export class Pool {
  private readonly freedEmitter = new Emitter<void>()
  /** Fires when a worker may have become idle. */
  readonly freed = this.freedEmitter.event

  /** Resolves when all workers are there; rejects, with none left behind, if one cannot be started. */
  static async open(options: PoolOptions): Promise<Pool> {
    const { name, kind, clock, start } = options
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
      log: (line: string) => options.log(`shard ${name}: ${line}`),
    }
    const opened = await Promise.allSettled(
      Array.from({ length: options.workers }, () => Seat.open(seatOptions)),
    )
    const seats = opened.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []))
    const failure = opened.find((result) => result.status === 'rejected')
    if (failure) {
      await Promise.all(seats.map((seat) => seat.dispose()))
      throw new LoadError([
        `shard ${name}: a ${kind} worker did not start: ${(failure.reason as Error).message}`,
      ])
    }
    return new Pool(seats, clock)
  }

  private renewal: { readonly over: Promise<void>; readonly begin: () => void } | undefined
  private lastRenewal: Promise<void> = Promise.resolve()

  private constructor(
    private readonly seats: readonly Seat[],
    private readonly clock: Clock,
  ) {
    for (const seat of seats) seat.freed(() => this.freedEmitter.fire())
  }

  /**
   * Loads a version into `instances` workers (all unless said), one after the other so that the others go on serving.
   * Rejects, and then none holds it, if one of them refuses it.
   */
  async load(key: string, graphPath: string, options: LoadOptions = {}): Promise<GraphSignature> {
    const { instances = this.seats.length, sha256 } = options
    const [first, ...others] = this.seatsFor(key, instances)
    const holding = [first]
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
    }
  }

  /**
   * Has every worker that holds a version, now or as a replacement, run these batches before its next. One of them tells
   * what they take. `gently`: one worker after the other, so that the others go on serving.
   */
  async warm(key: string, warmUp: readonly (() => Tensors)[], options: WarmOptions = {}): Promise<void> {
    const seats = this.seats.filter((seat) => seat.has(key))
    const warm = (seat: Seat) =>
      seat.warm(key, warmUp, seat === seats[0] ? options : { gently: options.gently })
    if (options.gently) for (const seat of seats) await warm(seat)
    else await Promise.all(seats.map(warm))
  }

  /**
   * Nobody holds the version any more; nothing of it may run or be asked for. Resolves when its memory is given back: those
   * workers that had it are renewed, one after the other, once for all that are unloaded within a moment.
   */
  unload(key: string): Promise<void> {
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

  status(): WorkerStatus[] {
    return this.seats.flatMap((seat) => seat.status())
  }

  async dispose(): Promise<void> {
    this.renewal?.begin()
    await Promise.all(this.seats.map((seat) => seat.dispose()))
  }

  private renewLater(): { over: Promise<void>; begin: () => void } {
    let begin!: () => void
    const due = new Promise<void>((resolve) => {
      const cancel = this.clock.after(renewAfterMs, resolve)
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
    const count = Math.max(1, Math.min(instances, this.seats.length))
    return [...this.seats]
      .sort((a, b) => Number(b.has(key)) - Number(a.has(key)) || a.versionCount - b.versionCount)
      .slice(0, count)
  }
}

/** Of versions that go together most are named within this time; each worker is then renewed once for all of them. */
const renewAfterMs = 1_000
