import { type Clock, systemClock } from '../../lib/clock'
import type { MetricsAnswer } from '../metrics/answer'
import { keptMetrics } from '../metrics/keptMetrics'
import type { MetricsSource, Question } from '../metrics/question'
import { showGroups } from '../metrics/showGroups'
import { type Increases, keptSteps } from './increases'
import { KeptFamily } from './keptFamily'
import { Room } from './room'

export interface MetricHistoryOptions {
  readonly increases: Pick<Increases, 'take'>
  /** Brings the increases up to date at the end of a step, then calls back. Default: they always are. */
  readonly refresh?: (done: () => void) => void
  readonly clock?: Clock
  /** Milliseconds since 1970. */
  readonly wallClock?: () => number
  readonly stepMs?: number
  /** How many steps are kept. */
  readonly steps?: number
  /** The most memory that series may take; sums of all series of a metric come on top. */
  readonly maxBytes?: number
}

/** The metrics of the last hour, read every ten seconds. */
export class MetricHistory implements MetricsSource {
  private readonly families: ReadonlyMap<string, KeptFamily>
  private readonly room: Room
  private readonly refresh: (done: () => void) => void
  private readonly clock: Clock
  private readonly wallClock: () => number
  private readonly stepMs: number
  /** The ends of the steps, by place. */
  private readonly times: Float64Array
  /** How many steps there were. */
  private count = 0
  private due: number
  private cancel = () => {}
  private isDisposed = false

  constructor(private readonly options: MetricHistoryOptions) {
    const { clock = systemClock, wallClock = Date.now } = options
    const { stepMs = 10_000, steps = keptSteps, maxBytes = 33_554_432 } = options
    this.refresh = options.refresh ?? ((done) => done())
    this.clock = clock
    this.wallClock = wallClock
    this.stepMs = stepMs
    this.times = new Float64Array(steps)
    const room = new Room(maxBytes)
    this.room = room
    this.families = new Map(
      [...keptMetrics.values()].map((metric) => [metric.name, new KeptFamily(metric, steps, room)]),
    )
    this.due = clock.now()
    this.wait()
  }

  get bytes(): number {
    return this.room.bytes
  }

  async answer(question: Question): Promise<MetricsAnswer> {
    const { count, times } = this
    let first = Math.max(0, count - times.length)
    while (first < count && times[first % times.length] <= question.since) first++
    const slots = Array.from({ length: count - first }, (_, step) => (first + step) % times.length)
    const series = question.metrics.flatMap(({ name }) =>
      showGroups(this.families.get(name)!.find(question, slots, first), question),
    )
    const ends = slots.map((slot) => times[slot])
    return { source: 'process', now: this.wallClock(), stepMs: this.stepMs, times: ends, series }
  }

  dispose(): void {
    this.isDisposed = true
    this.cancel()
  }

  private wait(): void {
    // After a long turn, or when the machine was asleep, the missed steps are one.
    const now = this.clock.now()
    this.due = this.due + this.stepMs > now ? this.due + this.stepMs : now + this.stepMs
    this.cancel = this.clock.after(this.due - now, () =>
      this.refresh(() => {
        if (this.isDisposed) return
        this.step()
        this.wait()
      }),
    )
  }

  private step(): void {
    const step = { number: this.count, slot: this.count % this.times.length }
    this.times[step.slot] = this.wallClock()
    this.room.beginStep()
    for (const family of this.families.values()) family.begin(step)
    for (const increase of this.options.increases.take())
      this.families.get(increase.name)?.add(increase, step)
    this.count++
    if (this.count % sweepEvery === 0) for (const family of this.families.values()) family.sweep(step)
  }
}

const sweepEvery = 30
