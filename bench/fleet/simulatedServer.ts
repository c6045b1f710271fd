import { BusiestVersion } from '../../inference/statistics/busiestVersion'
import { CallError, callStatus } from '../../workers/remote/callError'
import { Cores } from './cores'
import type { ServerOptions } from './serverOptions'
import type { VirtualTime } from './virtualTime'

/** A call for rows of a version. `answer` is called at most once, when the server sends its answer. */
export interface ServerCall {
  readonly key: string
  readonly rows: number
  /** When the caller stops waiting. */
  readonly deadline: number
  /** Whether the caller has taken it back. */
  readonly isCancelled: boolean
  answer(error?: CallError): void
}

/** One that must learn when the server's process ends. */
export interface ServerClient {
  ended(): void
}

/**
 * A worker process as callers see it: an event loop that reads calls, a queue of rows for each version, from which a
 * core that is free takes as many as fit one run, and memory for some of the versions.
 */
export class SimulatedServer {
  state: 'up' | 'draining' | 'down' = 'up'
  /** Nothing happens until then. */
  private frozenUntil = 0
  /** How many times longer everything takes. */
  slowness = 1
  /** What it did. */
  readonly done = { runs: 0, rows: 0, busyMs: 0, answers: 0, refused: 0, loads: 0, evictions: 0 }
  private readonly clients = new Set<ServerClient>()
  private readonly queues = new Map<string, Queue>()
  /** Loaded versions, the least recently used first. */
  private readonly loaded = new Set<string>()
  private readonly loading = new Map<string, Promise<void>>()
  /** What waits for its turn on the event loop; the first is running. */
  private turns: (() => void)[] = []
  private running = 0
  private life = 0
  private readonly uses = new BusiestVersion()
  private report = { at: 0, busyMs: 0, answers: 0, text: 'TEXT cpu_utilization=0,rps_fractional=0' }

  constructor(
    readonly address: string,
    private readonly time: VirtualTime,
    private readonly options: ServerOptions,
    /** Of its machine, for runs and the event loop; several servers may share them. */
    private readonly cores: Cores = new Cores(time, options.cores + 1),
  ) {
    this.nextPause()
  }

  get isReachable(): boolean {
    return this.state !== 'down'
  }

  /** How long it will still be frozen. */
  get frozenMs(): number {
    return Math.max(0, this.frozenUntil - this.time.now())
  }

  holds(key: string): boolean {
    return this.loaded.has(key)
  }

  connect(client: ServerClient): void {
    this.clients.add(client)
  }

  disconnect(client: ServerClient): void {
    this.clients.delete(client)
  }

  /** What it tells of its load with an answer, as a worker process does: measured anew each second. */
  get told(): string {
    const now = this.time.now()
    const { at, busyMs, answers } = this.report
    const ms = now - at
    if (ms < 1_000) return this.report.text
    const busy = (this.done.busyMs - busyMs) / ms / (this.options.cores + 1)
    const rps = ((this.done.answers - answers) / ms) * 1_000
    const parts = [
      `cpu_utilization=${Math.min(1, busy).toFixed(3)}`,
      `rps_fractional=${rps.toFixed(1)}`,
      ...this.uses.take(ms, this.options.cores, 0),
    ]
    const text = `TEXT ${parts.join(',')}`
    this.report = { at: now, busyMs: this.done.busyMs, answers: this.done.answers, text }
    return text
  }

  /** Takes a call from the network. */
  take(call: ServerCall): void {
    if (this.state === 'down') return
    if (this.turns.push(() => void this.accept(call)) === 1) this.nextTurn()
  }

  /** Resolves once a version is loaded; it makes room for it first. Loads of one version are one. */
  load(key: string): Promise<void> {
    if (this.state === 'down') return Promise.reject(new Error('connection refused'))
    if (this.loaded.delete(key)) {
      this.loaded.add(key)
      return Promise.resolve()
    }
    const known = this.loading.get(key)
    if (known !== undefined) return known
    const { life } = this
    const load = this.thawed()
      .then(() => this.time.pause(this.varied(this.options.loadMs)))
      .then(() => {
        if (life !== this.life) return
        this.loading.delete(key)
        this.done.loads++
        for (const oldest of this.loaded) {
          if (this.loaded.size < this.options.versions) break
          this.loaded.delete(oldest)
          this.done.evictions++
        }
        this.loaded.add(key)
      })
    this.loading.set(key, load)
    return load
  }

  /** Its process ends at once, and begins anew after a while. */
  kill(): void {
    this.state = 'down'
    this.life++
    this.turns = []
    this.queues.clear()
    this.loaded.clear()
    this.loading.clear()
    this.running = 0
    const clients = [...this.clients]
    this.clients.clear()
    for (const client of clients) client.ended()
    this.time.after(this.options.restartMs, () => {
      this.state = 'up'
    })
  }

  /** Nothing happens in it for so long, and it is not told. */
  freeze(ms: number): void {
    this.frozenUntil = Math.max(this.frozenUntil, this.time.now() + ms)
  }

  /** Stops as SIGTERM makes it, and begins anew. Resolves when it is up again. */
  async redeploy(): Promise<void> {
    this.state = 'draining'
    await this.time.pause(this.options.drainMs)
    // Connections are closed once what runs is over.
    while (this.running > 0) await this.time.pause(1)
    this.kill()
    await this.time.pause(this.options.restartMs)
  }

  /** Resolves when it is not frozen. */
  async thawed(): Promise<void> {
    while (this.frozenMs > 0) await this.time.pause(this.frozenMs)
  }

  private async accept(call: ServerCall): Promise<void> {
    const { key, rows } = call
    if (!this.loaded.has(key)) {
      const { life } = this
      await this.load(key)
      if (life !== this.life) return
    }
    this.loaded.delete(key)
    this.loaded.add(key)
    let queue = this.queues.get(key)
    if (queue === undefined) {
      queue = { calls: [], rows: 0 }
      this.queues.set(key, queue)
    }
    if (queue.rows + rows > this.options.maxQueueRows) {
      this.done.refused++
      this.uses.count(key, call.deadline - this.time.now(), 0)
      call.answer(new CallError(callStatus.unavailable, 'the queue is full', 'OVERLOADED'))
      return
    }
    queue.calls.push({ call, since: this.time.now() })
    queue.rows += rows
    this.startRuns()
  }

  private startRuns(): void {
    while (this.running < this.options.cores) {
      const next = this.nextQueue()
      if (next === undefined) return
      this.run(next)
    }
  }

  /** That whose first call is the most urgent. */
  private nextQueue(): [string, Queue] | undefined {
    let best: [string, Queue] | undefined
    let bestDeadline = Number.POSITIVE_INFINITY
    for (const entry of this.queues) {
      const [first] = entry[1].calls
      if (first === undefined || (best !== undefined && first.call.deadline >= bestDeadline)) continue
      best = entry
      bestDeadline = first.call.deadline
    }
    return best
  }

  private run([key, queue]: [string, Queue]): void {
    const { time, options, done, uses } = this
    const calls: Waiting[] = []
    let rows = 0
    while (queue.calls.length > 0 && (rows === 0 || rows + queue.calls[0].call.rows <= options.maxRows)) {
      const next = queue.calls.shift()!
      const { call, since } = next
      queue.rows -= call.rows
      if (call.deadline <= time.now()) uses.count(key, call.deadline - since, 0)
      if (call.isCancelled || call.deadline <= time.now()) continue
      calls.push(next)
      rows += call.rows
    }
    if (queue.calls.length === 0) this.queues.delete(key)
    if (rows === 0) return
    const ms = this.varied(options.fixedMs + options.rowMs * rows)
    for (const { call, since } of calls) uses.count(key, time.now() - since, (ms * call.rows) / rows)
    this.running++
    done.runs++
    done.rows += rows
    done.busyMs += ms
    this.work(ms, () => {
      this.running--
      done.answers += calls.length
      for (const { call } of calls) call.answer()
      this.startRuns()
    })
  }

  /** The event loop reads one call after the other. */
  private nextTurn(): void {
    this.work(this.options.callMs * this.slowness, () => {
      const turn = this.turns.shift()!
      if (this.turns.length > 0) this.nextTurn()
      turn()
    })
  }

  /** Calls back once a core has worked for so long, and it is not frozen; never if its process has ended. */
  private work(ms: number, callback: () => void): void {
    const { life } = this
    const end = () => {
      if (life !== this.life) return
      if (this.frozenMs > 0) this.time.after(this.frozenMs, end)
      else callback()
    }
    this.cores.run(ms, end)
  }

  private varied(ms: number): number {
    const { random } = this.time
    const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
    return ms * this.slowness * Math.exp(this.options.jitter * normal)
  }

  private nextPause(): void {
    const { random } = this.time
    const { pausesPerSecond, pauseMs } = this.options
    if (pausesPerSecond === 0) return
    const seconds = -Math.log(1 - random()) / pausesPerSecond
    this.time.after(seconds * 1000, () => {
      this.freeze(pauseMs * random())
      this.nextPause()
    })
  }
}

interface Queue {
  readonly calls: Waiting[]
  rows: number
}

interface Waiting {
  readonly call: ServerCall
  /** When it came. */
  readonly since: number
}
