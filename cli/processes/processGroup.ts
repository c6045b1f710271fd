import cluster, { type Worker } from 'node:cluster'
import { memberText, memberVariable } from './member'
import { type FromMember, isOurs, send } from './messages'
import { ReportRound } from './reportRound'
import type { SharedHistory } from './sharedHistory'

export interface ProcessGroupOptions {
  readonly count: number
  /** How long a process that is told to stop may take, in milliseconds. */
  readonly graceMs: number
  readonly log: (line: string) => void
  /** The length of the console's steps, in milliseconds; default ten seconds. */
  readonly consoleStepMs?: number
}

/**
 * Serves with several processes behind one port, each started with this process's own arguments. All accept from the
 * same socket: if this process dealt out the connections, those on their way to a process that dies would hang.
 *
 * A process that ends is replaced. SIGUSR2 replaces all, one after the other, each once its successor is ready. SIGTERM
 * or SIGINT ends them and then this process; a second signal does so at once.
 */
export function startProcesses(options: ProcessGroupOptions): Promise<void> {
  return new ProcessGroup(options).begin()
}

interface Seat {
  readonly place: number
  readonly worker: Worker
  readonly since: number
  isReady: boolean
  readonly toldReady: () => void
  readonly ready: Promise<void>
  /** How it ended, as the end of a sentence; undefined while it runs. */
  end: string | undefined
  readonly ended: Promise<void>
}

class ProcessGroup {
  /** Those that serve or will, by place. */
  private readonly seats = new Map<number, Seat>()
  /** Those and their successors, until they have ended. */
  private readonly running = new Set<Seat>()
  private round: ReportRound | undefined
  /** Undefined until one of them has a console. */
  private history: SharedHistory | undefined
  private url = ''
  private isStopping = false
  private isRolling = false

  constructor(private readonly options: ProcessGroupOptions) {
    cluster.schedulingPolicy = cluster.SCHED_NONE
    cluster.setupPrimary({ exec: process.argv[1], args: process.argv.slice(2) })
    cluster.on('message', (worker, message: unknown) => {
      if (isOurs<FromMember>(message)) this.take(worker, message)
    })
    process.on('SIGTERM', () => this.stop())
    process.on('SIGINT', () => this.stop())
    process.on('SIGUSR2', () => this.roll())
  }

  /** Resolves when all are ready. If the first one cannot start, the others would not either, and this process ends. */
  async begin(): Promise<void> {
    const { count, log } = this.options
    const first = this.fill(1)
    await Promise.race([first.ready, first.ended])
    for (let place = 2; place <= count && !this.isStopping; place++) this.fill(place)
    await Promise.all([...this.seats.values()].map(({ ready }) => ready))
    if (!this.isStopping) log(`Presage serves ${this.url} with ${count} processes`)
  }

  private fill(place: number): Seat {
    const seat = this.open(place)
    this.seats.set(place, seat)
    seat.ended.then(() => this.replace(seat))
    return seat
  }

  private open(place: number): Seat {
    const worker = cluster.fork({
      [memberVariable]: memberText({ place, count: this.options.count, isFirst: this.url === '' }),
    })
    let toldReady = () => {}
    const ready = new Promise<void>((resolve) => {
      toldReady = resolve
    })
    const ended = new Promise<void>((resolve) => {
      worker.once('exit', (code, signal) => {
        seat.end = signal ? `was ended by ${signal}` : `ended with code ${code}`
        this.running.delete(seat)
        this.round?.left()
        resolve()
      })
    })
    const seat: Seat = {
      place,
      worker,
      since: performance.now(),
      isReady: false,
      toldReady,
      ready,
      end: undefined,
      ended,
    }
    this.running.add(seat)
    return seat
  }

  /** Starts another process in place of one that ended of itself. */
  private replace(seat: Seat): void {
    const { place, end } = seat
    if (this.seats.get(place) !== seat || this.isStopping) return
    // What stops the first process from starting stops each of them, and it has said what it is.
    if (this.url === '') process.exit(seat.worker.process.exitCode ?? 1)
    const wait = performance.now() - seat.since > settledMs ? 0 : restMs
    this.options.log(`process ${place} ${end}; another takes its place`)
    setTimeout(() => {
      if (!this.isStopping && this.seats.get(place) === seat) this.fill(place)
    }, wait)
  }

  private async roll(): Promise<void> {
    const { log } = this.options
    if (this.isRolling || this.isStopping) return
    this.isRolling = true
    log('every process is being replaced')
    for (const [place, old] of [...this.seats]) {
      const next = this.open(place)
      await Promise.race([next.ready, next.ended])
      if (this.isStopping) return
      if (next.end !== undefined) {
        log(`the new process ${place} ${next.end} before it was ready; those that run stay`)
        break
      }
      this.seats.set(place, next)
      next.ended.then(() => this.replace(next))
      await this.end(old)
    }
    this.isRolling = false
    log(`Presage serves ${this.url} with ${this.options.count} processes`)
  }

  /** A process ends itself within its grace. One that stands still never would. */
  private async end({ worker, ended }: Seat): Promise<void> {
    worker.process.kill('SIGTERM')
    const kill = setTimeout(() => worker.process.kill('SIGKILL'), this.options.graceMs + mostOverdueMs)
    await ended
    clearTimeout(kill)
  }

  private async stop(): Promise<void> {
    const kill = () => {
      for (const { worker } of this.running) worker.process.kill('SIGKILL')
    }
    if (this.isStopping) return kill()
    this.isStopping = true
    const ending = [...this.running]
    await Promise.all(ending.map((seat) => this.end(seat)))
    process.exit(ending.every(({ isReady, worker }) => !isReady || worker.process.exitCode === 0) ? 0 : 1)
  }

  private take(worker: Worker, message: FromMember): void {
    switch (message.presage) {
      case 'ready':
        this.url = message.url
        for (const seat of this.running)
          if (seat.worker === worker) {
            seat.isReady = true
            seat.toldReady()
          }
        break
      case 'report':
        this.round?.add(message.id, message.report)
        break
      case 'ask':
        this.ask(worker, message.id)
        break
      case 'counts':
        this.history ??= this.openHistory()
        this.history.join(worker)
        break
      case 'counted':
        this.history?.add(worker, message.increases)
        break
      case 'show':
        this.history?.show(worker, message.id, message.parameters)
    }
  }

  private openHistory(): SharedHistory {
    const { SharedHistory }: typeof import('./sharedHistory') = require('./sharedHistory')
    return new SharedHistory(this.options.consoleStepMs)
  }

  /** Sends a process what all have measured. Questions at the same time share a round. */
  private async ask(worker: Worker, id: number): Promise<void> {
    this.round ??= this.openRound()
    const reports = await this.round.over
    this.round = undefined
    send(worker, { presage: 'reports', id, reports })
  }

  private openRound(): ReportRound {
    const asked = [...this.running].filter(({ isReady }) => isReady)
    const round = new ReportRound(asked.length)
    for (const { worker } of asked) send(worker, { presage: 'measure', id: round.id })
    return round
  }
}

/** A process that ended sooner than this may end again at once. */
const settledMs = 10_000
const restMs = 1_000
/** Longer than a process takes to end itself after its grace. */
const mostOverdueMs = 2_000
