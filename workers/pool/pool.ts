import { type Clock, pause } from '../../lib/clock'
import { LoadError } from '../../lib/errors'
import { Emitter } from '../../lib/events'
import type { Metrics } from '../../lib/metrics'
import type { GraphSignature } from '../../models/types/tensor'
import type { Runner } from '../batching/execution'
import { metricNames } from '../batching/modelMetrics'
import type { GraphOptions } from '../runtime/graphFiles'
import { Growth, type Waiting } from './growth'
import { nobody } from './nobody'
import { Seat, type SeatOptions, type WorkerStatus } from './seat'
import type { StartWorker } from './startWorker'
import type { WarmOptions, WarmUpBatch } from './warmUp'
import type { LoadOptions, WorkerPool } from './workerPool'

export interface PoolOptions {
  /** The shard's name, from which workers take their names. */
  readonly name: string
  readonly kind: string
  /** The number of workers; with `onDemand`, the maximum. */
  readonly workers: number
  /**
   * Starts with one worker, and loads each version into one worker. Further workers start, or load a version, when rows
   * have to wait for them (`Pool.want`), and then stay. By default all workers start at once and hold every version.
   */
  readonly onDemand?: boolean
  /**
   * Whether versions load and leave all the time. With `onDemand` they load into the first worker, and a version whose
   * rows keep waiting for that is loaded into another one as well. Workers that unload one are not replaced.
   */
  readonly loadsOften?: boolean
  readonly start: StartWorker
  readonly clock: Clock
  readonly metrics: Metrics
  readonly exceeded?: SeatOptions['exceeded']
  /** Called when two workers have not come back from calls of this version for a while; `back` resolves when all have. */
  readonly hung?: (key: string, back: Promise<unknown>) => void
  readonly log: (line: string) => void
}

/** A version as every worker holds it. */
interface Version {
  readonly graphPath: string
  readonly graph: GraphOptions
  /** How many workers may hold it. */
  readonly most: number
  warmUp: readonly WarmUpBatch[]
  /** Whether it has been found to have several workers hang. */
  isHung: boolean
  /** Since when, and for how many loads of other versions, its rows have had to wait. */
  readonly waits: { since: number; loads: number; lastLoad: number }
}

/** The workers of a shard. A lost worker is replaced. */
export class Pool implements WorkerPool {
  private readonly freedEmitter = new Emitter<void>()
  /** Fires when a worker may have become idle. */
  readonly freed = this.freedEmitter.event

  /** Resolves when all workers have started. If one cannot start, stops the others and rejects. */
  static async open(options: PoolOptions): Promise<Pool> {
    const { name, kind, clock, start, workers, onDemand = false } = options
    const lost = options.metrics.counter(metricNames.workersLost, 'Workers that died or were quarantined', {
      shard: name,
    })
    let lastId = 0
    let lastRenewal = Promise.resolve()
    const seatOptions: SeatOptions = {
      kind,
      clock,
      start,
      nextId: () => `${name}-${++lastId}`,
      gone: (sentence: string) => {
        lost.inc()
        options.log(`shard ${name}: ${sentence}; another takes its place`)
      },
      exceeded: options.exceeded,
      renewInTurn: (renew) => {
        lastRenewal = lastRenewal.then(renew)
        return lastRenewal
      },
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
    return new Pool(seats, seatOptions, options)
  }

  private readonly versions = new Map<string, Version>()
  private readonly growth: Growth | undefined
  /** Loads and warm-ups in progress. */
  private changes = 0
  private loads = 0
  private closed = false
  private renewal: { readonly over: Promise<void>; readonly begin: () => void } | undefined
  /** Refuses batches. */
  private readonly nobody: Runner

  private constructor(
    private readonly seats: Seat[],
    private readonly seatOptions: SeatOptions,
    private readonly options: PoolOptions,
  ) {
    for (const seat of seats) this.listen(seat)
    this.nobody = nobody(options.name, `no worker of shard ${options.name} could load it`, 'MODEL_NOT_READY')
    if (!options.onDemand) return
    this.growth = new Growth({
      clock: seatOptions.clock,
      // Loads and warm-ups occupy workers for a while; they are no reason to start another one.
      hasRoom: (key) => this.changes === 0 && this.holders(key) < (this.versions.get(key)?.most ?? 0),
      hasIdle: (key) => this.idle(key) !== undefined,
      grow: (key) => this.grow(key),
      log: seatOptions.log,
    })
  }

  /**
   * Loads a version into `instances` workers (default all; one with `onDemand`), one after the other so that the others
   * keep serving. If one of them refuses it, none holds it, and this rejects.
   */
  async load(key: string, graphPath: string, options: LoadOptions = {}): Promise<GraphSignature> {
    const { workers } = this.options
    const { instances = workers, ...graph } = options
    const most = Math.max(1, Math.min(instances, workers))
    const [first, ...others] = this.seatsFor(key, this.growth ? 1 : most)
    // Set before the load, so that an unload during the load is not overwritten.
    const waits = { since: 0, loads: 0, lastLoad: 0 }
    this.versions.set(key, { graphPath, graph, most, warmUp: [], isHung: false, waits })
    this.changes++
    this.loads++
    try {
      const signature = await first.hold(key, graphPath, graph)
      for (const seat of others) await seat.hold(key, graphPath, graph)
      return signature
    } catch (error) {
      // Workers that loaded it are renewed.
      this.unload(key)
      throw error
    } finally {
      this.changes--
    }
  }

  /**
   * Runs these batches on every worker that holds the version, now or as a replacement, before its next batch. Measures
   * their times on one worker. With `gently`, one worker after the other, so that the others keep serving.
   */
  async warm(key: string, warmUp: readonly WarmUpBatch[], options: WarmOptions = {}): Promise<void> {
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
   * Drops a version, of which nothing may be running. Resolves when its memory is freed: the workers that held it are
   * renewed, one after the other, once for all versions unloaded within a moment; with `loadsOften`, they release it.
   */
  async unload(key: string): Promise<void> {
    this.versions.delete(key)
    if (this.options.loadsOften) {
      for (const seat of this.seats) seat.release(key)
      return
    }
    for (const seat of this.seats) seat.drop(key)
    this.renewal ??= this.renewLater()
    return this.renewal.over
  }

  /** How many workers hold the version. */
  holders(key: string): number {
    let count = 0
    for (const seat of this.seats) if (seat.has(key)) count++
    return count
  }

  /** A worker that can start a batch of this version now: the least recently used, so that all stay warm. */
  idle(key: string): Seat | undefined {
    let found: Seat | undefined
    for (const seat of this.seats) {
      if (seat.isIdle(key) && (!found || seat.usedAt < found.usedAt)) found = seat
    }
    return found
  }

  /** Refuses if each worker that should hold the version came without it. One that starts may bring it. */
  away(key: string): Runner | undefined {
    return this.seats.every((seat) => !seat.has(key) || seat.lacks(key)) ? this.nobody : undefined
  }

  /** Call when rows of a queue wait and no worker with their version is idle. */
  want(queue: Waiting): void {
    if (this.options.loadsOften && this.changes > 0 && this.waitsForLoads(queue.key))
      this.growth?.growNow(queue.key)
    else this.growth?.notice(queue)
  }

  status(): WorkerStatus[] {
    return this.seats.flatMap((seat) => seat.status())
  }

  async dispose(): Promise<void> {
    this.closed = true
    this.renewal?.begin()
    await Promise.all([this.growth?.dispose(), ...this.seats.map((seat) => seat.dispose())])
  }

  /** Makes another worker hold the version: one that does not yet, else a new one. */
  private async grow(key: string): Promise<void> {
    const version = this.versions.get(key)
    const seat = this.seats.find((one) => !one.has(key)) ?? (await this.openSeat())
    if (version === undefined || seat === undefined) return
    await seat.hold(key, version.graphPath, version.graph)
    // The version was unloaded before this seat held it.
    if (this.versions.get(key) !== version) return seat.release(key)
    await seat.warm(key, version.warmUp, { gently: true })
  }

  /** Whether rows of the version had to wait for several loads within a short time. */
  private waitsForLoads(key: string): boolean {
    const version = this.versions.get(key)
    if (version === undefined || this.holders(key) >= Math.min(2, version.most)) return false
    const { waits } = version
    if (waits.lastLoad === this.loads) return false
    waits.lastLoad = this.loads
    const now = this.seatOptions.clock.now()
    if (now - waits.since > waitsWithinMs) {
      waits.since = now
      waits.loads = 0
    }
    return ++waits.loads >= mostWaits
  }

  private async openSeat(): Promise<Seat | undefined> {
    const seat = await Seat.open(this.seatOptions)
    if (this.closed) {
      await seat.dispose()
      return undefined
    }
    this.listen(seat)
    this.seats.push(seat)
    return seat
  }

  private listen(seat: Seat): void {
    seat.freed(() => this.freedEmitter.fire())
    // If the whole machine stood still, the runs end soon.
    seat.stalled((key) => this.seatOptions.clock.after(comesBackMs, () => this.lookForHung(key)))
  }

  private lookForHung(key: string): void {
    const version = this.versions.get(key)
    if (this.closed || version === undefined || version.isHung) return
    const hanging = this.seats.flatMap((seat) => seat.hangingOn(key))
    version.isHung = hanging.length >= mostHanging
    if (version.isHung) this.options.hung?.(key, Promise.all(hanging))
  }

  private renewLater(): { over: Promise<void>; begin: () => void } {
    let begin!: () => void
    const due = pause(this.seatOptions.clock, renewAfterMs, (end) => {
      begin = end
    })
    const renewAll = async () => {
      this.renewal = undefined
      for (const seat of this.seats) await seat.renew()
    }
    return { over: due.then(() => this.seatOptions.renewInTurn(renewAll)), begin }
  }

  /** Prefers seats that hold the version already, then those with the fewest versions. */
  private seatsFor(key: string, instances: number): readonly Seat[] {
    if (this.options.loadsOften && this.growth) return this.seats.slice(0, 1)
    return [...this.seats]
      .sort((a, b) => Number(b.has(key)) - Number(a.has(key)) || a.versionCount - b.versionCount)
      .slice(0, instances)
  }
}

/** So many workers may hang in calls of one version, so long after the last of them was found to. */
const mostHanging = 2
const comesBackMs = 1_000

/** Versions that are unloaded together usually come within this time, so that each worker is renewed only once. */
const renewAfterMs = 1_000

/** A version whose rows waited for so many loads within this time, in milliseconds, is asked often. */
const mostWaits = 4
const waitsWithinMs = 1_000
