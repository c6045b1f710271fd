import { Admission } from '../../gateway/admission'

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
  readonly admission = new Admission(
    () => this.restedMs,
    (callback) => this.endOfTurn.push(callback),
  )

  constructor(private readonly costs: Costs) {}

  /** Requests that come at these times, ascending; how long each waited for its answer, undefined where it was refused. */
  serve(arrivals: readonly number[], timeoutMs: number): (number | undefined)[] {
    const latencies: number[] = new Array(arrivals.length).fill(undefined)
    let next = 0
    while (next < arrivals.length) {
      this.rest(arrivals[next] - this.now)
      const polled = this.now
      const taken: number[] = []
      for (; next < arrivals.length && arrivals[next] <= polled; next++) {
        if (this.admission.takes(this.now, timeoutMs)) {
          this.admission.enter()
          taken.push(next)
          this.now += this.costs.answer / 2
        } else this.now += this.costs.refusal
      }
      this.turnEnds()
      for (const one of taken) {
        this.now += this.costs.answer / 2
        latencies[one] = this.now - arrivals[one]
        this.admission.leave(this.now, latencies[one] > timeoutMs)
      }
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
    loop.rest(1500)
    const after = loop.serve(constantly(500, 0.8 * capacity, loop.now), 50)
    expect(refused(after)).toBe(0)
  })
})

describe('admission', () => {
  /** One that has just seen an answer that came too late. */
  const warm = () => {
    const loop = new SimulatedLoop({ answer: 0.25, refusal: 0.02 })
    loop.serve(constantly(1000, 2), 50)
    loop.admission.enter()
    loop.admission.leave(loop.now, true)
    return loop
  }

  it('takes a burst that can be answered in time', () => {
    const loop = warm()
    const burst = new Array<number>(60).fill(loop.now + 10)
    expect(refused(loop.serve(burst, 50))).toBe(0)
  })

  it('refuses of several bursts in a row what would come too late, by the time that each request has', () => {
    const bursts = (timeoutMs: number) => {
      const loop = warm()
      return refused(loop.serve(constantly(2000, 16, loop.now), timeoutMs))
    }
    expect(bursts(50)).toBeGreaterThan(0)
    expect(bursts(2000)).toBe(0)
  })

  it('refuses nobody for requests that wait for others while the loop rests', () => {
    const loop = warm()
    let taken = 0
    for (let waiting = 0; waiting < 5_000; waiting++) {
      if (loop.admission.takes(loop.now, 50)) taken++
      loop.admission.enter()
      loop.rest(0.5)
    }
    expect(taken).toBe(5_000)
  })

  it('knows that nobody asks before the answer to what was asked before', () => {
    /** Each client asks again as soon as it has its answer: all of them in each turn, none of which has waited. */
    const refusedOf = (clients: number, knowsSent: boolean) => {
      const loop = new SimulatedLoop({ answer: 10, refusal: 0.02 })
      let refusals = 0
      const sent = new Array<number | undefined>(clients).fill(undefined)
      for (let turn = 0; turn < 20; turn++) {
        const inside: number[] = []
        for (let client = 0; client < clients; client++) {
          if (loop.admission.takes(loop.now, 500, knowsSent ? sent[client] : undefined)) {
            loop.admission.enter()
            inside.push(client)
          } else refusals++
          loop.now += 5
        }
        loop.turnEnds()
        for (const client of inside) {
          loop.now += 5
          // On its guard all the time.
          loop.admission.leave(loop.now, true)
          sent[client] = loop.now
        }
      }
      return refusals
    }
    expect(refusedOf(20, true)).toBe(0)
    expect(refusedOf(20, false)).toBeGreaterThan(0)
  })

  it('refuses nobody before an answer has come too late', () => {
    const loop = new SimulatedLoop({ answer: 5, refusal: 0.02 })
    expect(refused(loop.serve(new Array<number>(30).fill(0), 400))).toBe(0)
    expect(refused(loop.serve(new Array<number>(70).fill(loop.now), 400))).toBe(0)
    // The last ten of those were late. A loop that begins to be busy takes a while to be told from one that rests.
    expect(refused(loop.serve(constantly(400, 1, loop.now), 400))).toBeGreaterThan(0)
  })

  it('refuses nobody before it has learned what an answer takes', () => {
    const loop = new SimulatedLoop({ answer: 100, refusal: 0.02 })
    expect(refused(loop.serve(new Array<number>(19).fill(0), 50))).toBe(0)
  })
})
