import { ConcurrencyLimiter, type Permit } from '../../../gateway/overload/concurrencyLimiter'
import { StartQueue, type Waiting } from '../../../gateway/overload/startQueue'

/** What a request takes of a loop, in milliseconds: half of it when it is read, half when its model has run. */
interface Costs {
  readonly answer: number
  readonly refusal: number
}

/** An event loop that does nothing but answer requests; its time passes only as they are worked on, and while it rests. */
class SimulatedLoop {
  now = 0
  private restedMs = 0
  private endOfTurn: (() => void)[] = []
  readonly limiter = new ConcurrencyLimiter(
    () => this.restedMs,
    (callback) => this.endOfTurn.push(callback),
  )
  private readonly startQueue = new StartQueue({
    startsPerTurn: () => this.limiter.startsPerTurn(this.now),
    atEndOfTurn: (callback) => this.endOfTurn.push(callback),
  })

  constructor(private readonly costs: Costs) {}

  /** Requests that come at these times, ascending; how long each waited for its answer, undefined where it was refused. */
  serve(arrivals: readonly number[], timeoutMs: number): (number | undefined)[] {
    const latencies: (number | undefined)[] = new Array(arrivals.length).fill(undefined)
    let inside = 0
    let begun: (() => void)[] = []
    const take = (one: number): Waiting => {
      const permit = this.limiter.acquire(this.now, timeoutMs)
      inside++
      const leave = () => {
        inside--
        this.limiter.release(this.now, permit)
      }
      const end = () => {
        this.now += this.costs.answer / 2
        latencies[one] = this.now - arrivals[one]
        leave()
      }
      return {
        client: 'a',
        proceed: () => {
          const begins = this.limiter.tryStart(this.now, permit)
          this.now += begins ? this.costs.answer / 2 : this.costs.refusal
          if (begins) begun.push(end)
          else leave()
        },
      }
    }
    let next = 0
    while (next < arrivals.length || inside > 0) {
      if (inside === 0) this.rest(arrivals[next] - this.now)
      const polled = this.now
      for (; next < arrivals.length && arrivals[next] <= polled; next++) {
        if (this.limiter.hasRoom(this.now, timeoutMs)) this.startQueue.add(take(next))
        else this.now += this.costs.refusal
      }
      const ran = begun
      begun = []
      for (const end of ran) end()
      this.turnEnds()
    }
    return latencies
  }

  rest(ms: number): void {
    if (ms <= 0) return
    this.turnEnds()
    this.now += ms
    this.restedMs += ms
  }

  turnEnds(): void {
    for (const callback of this.endOfTurn.splice(0)) callback()
  }
}

/** So many at a constant rate, from `from` on. */
function constantly(count: number, perMs: number, from = 0): number[] {
  return Array.from({ length: count }, (_, n) => from + n / perMs)
}

const refused = (latencies: readonly (number | undefined)[]) =>
  latencies.filter((latency) => latency === undefined).length

describe.each([
  { answer: 0.08, refusal: 0.015, times: 2 },
  { answer: 0.25, refusal: 0.02, times: 2 },
  { answer: 0.6, refusal: 0.02, times: 2 },
  { answer: 1.6, refusal: 0.02, times: 2 },
  { answer: 0.25, refusal: 0.02, times: 6 },
])('a loop that is asked $times times for what takes it $answer ms', ({ answer, refusal, times }) => {
  const loop = new SimulatedLoop({ answer, refusal })
  const capacity = 1 / answer
  loop.serve(constantly(1000 * 0.8 * capacity, 0.8 * capacity), 50)
  // Until it is seen that answers come too late.
  loop.serve(constantly(300 * times * capacity, times * capacity, loop.now), 50)
  const began = loop.now
  const count = Math.floor(3000 * times * capacity)
  const latencies = loop.serve(constantly(count, times * capacity, began), 50)
  const taken = latencies.filter((latency) => latency !== undefined)
  const inTime = taken.filter((latency) => latency <= 50)

  it('answers those that it takes within their time', () => {
    expect(inTime.length / taken.length).toBeGreaterThan(0.99)
  })

  it('does with them all that its time allows beside the refusals', () => {
    const left = loop.now - began - refused(latencies) * refusal
    expect((inTime.length * answer) / left).toBeGreaterThan(0.97)
  })

  it('takes all again once no more come than it can answer', () => {
    loop.rest(30)
    const after = loop.serve(constantly(500, 0.8 * capacity, loop.now), 50)
    expect(refused(after)).toBe(0)
  })
})

describe('limiter', () => {
  /** One that is asked for twice as much as it can, until it has found its limit. */
  const limited = (timeoutMs: number) => {
    const loop = new SimulatedLoop({ answer: 0.25, refusal: 0.02 })
    loop.serve(constantly(8000, 8), timeoutMs)
    return loop
  }

  it('does not count requests whose answers wait to be read', () => {
    const startAll = (loop: SimulatedLoop, answered: (permit: Permit) => void) => {
      const { limiter, now } = loop
      const permits = Array.from({ length: 1000 }, () => limiter.acquire(now, 50))
      const started = permits.filter((permit) => {
        const isStarted = limiter.tryStart(now, permit)
        answered(permit)
        return isStarted
      })
      const hasRoom = limiter.hasRoom(now, 50)
      for (const permit of permits) limiter.release(now, permit)
      return [started.length, hasRoom]
    }
    const [started, hasRoom] = startAll(limited(50), () => {})
    expect([Number(started) < 1000, hasRoom]).toEqual([true, false])
    const loop = limited(50)
    expect(startAll(loop, (permit) => loop.limiter.answered(loop.now, permit))).toEqual([1000, true])
  })

  it('lets all in before an answer has come too late, and ten seconds after the last one that it refused', () => {
    const letIn = (loop: SimulatedLoop) => {
      const permits: Permit[] = []
      while (permits.length < 600 && loop.limiter.hasRoom(loop.now, 50))
        permits.push(loop.limiter.acquire(loop.now, 50))
      for (const permit of permits) loop.limiter.release(loop.now, permit)
      return permits.length
    }
    expect(letIn(new SimulatedLoop({ answer: 0.25, refusal: 0.02 }))).toBe(600)
    const loop = limited(50)
    expect(letIn(loop)).toBeLessThan(200)
    loop.serve(constantly(22_000, 2, loop.now), 50)
    expect(letIn(loop)).toBe(600)
  })

  it('refuses where many answers come too late', () => {
    const loop = new SimulatedLoop({ answer: 5, refusal: 0.02 })
    loop.serve(new Array<number>(100).fill(0), 400)
    // A loop that begins to be busy takes a while to be told from one that rests.
    expect(refused(loop.serve(constantly(400, 1, loop.now), 400))).toBeGreaterThan(0)
  })

  it('answers a burst as far as there is time for it, before anything was late', () => {
    const loop = new SimulatedLoop({ answer: 5, refusal: 0.02 })
    expect(refused(loop.serve(new Array<number>(54).fill(0), 400))).toBe(0)
    const answered = loop
      .serve(new Array<number>(200).fill(loop.now), 400)
      .filter((latency) => latency !== undefined)
    expect(answered.length).toBeGreaterThan(54)
    expect(Math.max(...answered)).toBeLessThan(400)
  })

  it('takes a late answer that had few beside it for a stall', () => {
    const loop = new SimulatedLoop({ answer: 40, refusal: 0.02 })
    loop.serve(new Array<number>(15).fill(0), 50)
    expect(refused(loop.serve(constantly(200, 1, loop.now), 8_000))).toBe(0)
  })

  it('lets in by the time that each request has', () => {
    const loop = limited(50)
    const from = loop.now
    const patient = refused(loop.serve(constantly(1600, 8, from), 2000))
    expect(patient).toBe(0)
    expect(refused(limited(50).serve(constantly(1600, 8, from), 50))).toBeGreaterThan(400)
  })

  it('refuses at once who cannot be answered in time by what was answered lately, before anything was late', () => {
    const loop = new SimulatedLoop({ answer: 0.25, refusal: 0.02 })
    const patient = loop.serve(constantly(4000, 4.4), 5_000)
    expect(refused(patient)).toBe(0)
    const burst = loop.serve(new Array<number>(300).fill(loop.now), 50)
    const taken = burst.filter((latency) => latency !== undefined)
    expect(taken.length).toBeGreaterThan(100)
    expect(Math.max(...taken)).toBeLessThan(50)
    expect(refused(burst)).toBeGreaterThan(100)
  })

  it('is not told by what was answered while few asked how many could be', () => {
    const loop = new SimulatedLoop({ answer: 0.25, refusal: 0.02 })
    loop.serve(constantly(1000, 0.2), 50)
    expect(refused(loop.serve(new Array<number>(100).fill(loop.now), 50))).toBe(0)
  })

  /** How many more are let in. */
  const room = ({ limiter, now }: SimulatedLoop) => {
    const permits: Permit[] = []
    while (limiter.hasRoom(now, 50)) permits.push(limiter.acquire(now, 50))
    for (const permit of permits) limiter.release(now, permit, false)
    return permits.length
  }

  /** Fifty that have begun, and are answered too late, at once. */
  const stall = (loop: SimulatedLoop) => {
    const permits = Array.from({ length: 50 }, () => loop.limiter.acquire(loop.now, 50))
    for (const permit of permits) loop.limiter.tryStart(loop.now, permit)
    loop.now += 200
    for (const permit of permits) loop.limiter.release(loop.now, permit)
  }

  /** One that is answered a millisecond after it was taken. */
  const serveOne = (loop: SimulatedLoop, timeoutMs: number) => {
    const permit = loop.limiter.acquire(loop.now, timeoutMs, loop.now)
    loop.limiter.tryStart(loop.now, permit)
    loop.now += 1
    loop.limiter.release(loop.now, permit)
  }

  it('does not take for late what was answered in time and read late', () => {
    const loop = new SimulatedLoop({ answer: 0.25, refusal: 0.02 })
    for (let n = 0; n < 10; n++) {
      const permits = Array.from({ length: 50 }, () => loop.limiter.acquire(loop.now, 50))
      for (const permit of permits) loop.limiter.tryStart(loop.now, permit)
      loop.now += 5
      for (const permit of permits) loop.limiter.answered(loop.now, permit)
      loop.now += 200
      for (const permit of permits) loop.limiter.release(loop.now, permit)
    }
    for (let n = 0; n < 1000; n++) {
      expect(loop.limiter.hasRoom(loop.now, 50)).toBe(true)
      loop.limiter.acquire(loop.now, 50)
    }
  })

  it('lets in who has less than an equal part of what may be inside, whatever the others have', () => {
    const loop = limited(50)
    stall(loop)
    const { limiter, now } = loop
    let inside = 0
    for (; limiter.hasRoom(now, 50); inside++) limiter.acquire(now, 50)
    expect(inside).toBeGreaterThan(10)
    expect(limiter.hasFairShare(now, 50, inside, 2)).toBe(false)
    expect(limiter.hasFairShare(now, 50, 0, 2)).toBe(true)
    expect(limiter.hasFairShare(now, 50, Math.ceil(inside / 2), 2)).toBe(false)
    expect(limiter.hasFairShare(now, 50, 0, 1000)).toBe(true)
    expect(limiter.hasFairShare(now, 50, 1, 1000)).toBe(false)
  })

  it('takes a few slow ones among many for what they are', () => {
    const loop = limited(50)
    stall(loop)
    loop.serve(constantly(8000, 8, loop.now), 50)
    const before = room(loop)
    for (let n = 0; n < 400; n++) serveOne(loop, n % 10 === 0 ? 0.5 : 1_000_000)
    expect(room(loop)).toBeGreaterThanOrEqual(before)
    for (let n = 0; n < 20; n++) serveOne(loop, 0.5)
    expect(room(loop)).toBeLessThan(before)
  })

  it('always lets in what is answered in a tenth of the time', () => {
    const loop = limited(50)
    stall(loop)
    for (let n = 0; n < 500; n++) serveOne(loop, 0.5)
    expect(room(loop)).toBeGreaterThanOrEqual(Math.floor(0.1 * 50 * (1 / (0.25 + 0.02))))
    expect(room(loop)).toBeLessThan(0.3 * 50 * (1 / 0.25))
  })

  it('lets all in ten seconds after the last one that it refused', () => {
    const loop = limited(50)
    const burst = () => loop.serve(new Array<number>(130).fill(loop.now), 50)
    stall(loop)
    for (let n = 0; n < 200; n++) serveOne(loop, 0.5)
    expect(refused(burst())).toBeGreaterThan(50)
    loop.serve(constantly(22_000, 2, loop.now + 30), 50)
    expect(refused(burst())).toBe(0)
  })

  it('refuses nobody for requests that wait for others while the loop rests, and learns nothing from them', () => {
    const loop = limited(50)
    const permits: Permit[] = []
    for (let waiting = 0; waiting < 5_000; waiting++) {
      if (loop.limiter.hasRoom(loop.now, 50)) permits.push(loop.limiter.acquire(loop.now, 50))
      expect(loop.limiter.tryStart(loop.now, permits[waiting])).toBe(true)
      loop.rest(0.5)
    }
    expect(permits).toHaveLength(5_000)
    for (const permit of permits) loop.limiter.release(loop.now, permit)
    expect(refused(loop.serve(constantly(1000, 3, loop.now), 50))).toBe(0)
  })

  it('falls once for all that were inside when a neighbour held the machine, and lets in again as many as can be answered', () => {
    const loop = limited(50)
    stall(loop)
    const latencies = loop.serve(constantly(8000, 8, loop.now), 50)
    const inTime = latencies.filter((latency) => latency !== undefined && latency <= 50).length
    expect(inTime).toBeGreaterThan(0.9 * (1000 / (0.25 + 0.02)))
  })

  it('knows that nobody asks before the answer to what was asked before', () => {
    const loop = limited(50)
    const permit = (sentAfter: number) => loop.limiter.acquire(loop.now, 50, sentAfter)
    loop.limiter.hasRoom(loop.now, 50)
    loop.now += 30
    loop.turnEnds()
    loop.limiter.hasRoom(loop.now, 50)
    expect(loop.now - permit(Number.NEGATIVE_INFINITY).sentAt).toBeGreaterThanOrEqual(30)
    expect(loop.now - permit(loop.now - 1).sentAt).toBe(1)
  })

  it('always takes one where nothing is inside, and begins it however long it has waited', () => {
    const loop = limited(50)
    expect(loop.limiter.hasRoom(loop.now, 0.001)).toBe(true)
    const permit = loop.limiter.acquire(loop.now, 0.001)
    loop.now += 1
    expect(loop.limiter.tryStart(loop.now, permit)).toBe(true)
  })

  it('does not begin what has waited until those before it leave it no time, and forgets it when it leaves', () => {
    const loop = limited(50)
    const before = room(loop)
    const enter = () => loop.limiter.acquire(loop.now, 50)
    const first = enter()
    const late = Array.from({ length: 200 }, enter)
    expect(loop.limiter.tryStart(loop.now, first)).toBe(true)
    loop.now += 40
    for (const permit of late) expect(loop.limiter.tryStart(loop.now, permit)).toBe(false)
    const next = enter()
    expect(loop.limiter.tryStart(loop.now, next)).toBe(true)
    for (const permit of [...late, first, next]) loop.limiter.release(loop.now, permit, false)
    expect(room(loop)).toBeGreaterThanOrEqual(before)
  })

  it('has as many begin in a turn as are answered in four milliseconds beside refusals, at least one, and 64 while that is not known', () => {
    const begins = (answer: number) => {
      const loop = new SimulatedLoop({ answer, refusal: 0.02 })
      const atFirst = loop.limiter.startsPerTurn(loop.now)
      loop.serve(constantly(1000, 2 / answer), 200 * answer)
      return [atFirst, Math.round(loop.limiter.startsPerTurn(loop.now))]
    }
    expect(begins(0.25)).toEqual([64, 15])
    expect(begins(20)).toEqual([64, 1])
    expect(begins(0.01)).toEqual([64, 64])
  })
})
