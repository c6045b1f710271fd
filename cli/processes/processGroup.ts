import cluster, { type Worker } from 'node:cluster'
import { type Deferred, defer } from '../../lib/scheduling/deferred'
import { repeatMs } from '../watchdog/repeat'
import { memberText, memberVariable } from './member'
import { type FromMember, isOurs, send } from './messages'
import type { SharedHistory } from './sharedHistory'
import { SharedReloads } from './sharedReloads'
import { SharedReports } from './sharedReports'

export interface ProcessGroupOptions {
  readonly count: number
  /** How long a process that is told to stop may take, in milliseconds. */
  readonly graceMs: number
  readonly log: (line: string) => void
  /** The length of the console's steps, in milliseconds; default ten seconds. Tests shorten it. */
  readonly consoleStepMs?: number
}

/**
 * Serves with several processes behind one port, each started with this process's own arguments. All accept from the
 * same socket: if this process dealt out the connections, those on their way to a process that dies would hang.
 *
 * A process that ends is replaced: at once, or later and later while those in its place do not stay. SIGUSR2 replaces
 * all, one after the other, each once its successor is ready. SIGTERM or SIGINT ends them and then this process; a second
 * signal does so at once. Resolves when the first one serves, or this process is about to end.
 */
export function startProcesses(options: ProcessGroupOptions): Promise<void> {
  return new ProcessGroup(options).begin()
}

interface Seat {
  readonly place: number
  readonly worker: Worker
  /** Since when it serves; undefined until it does. */
  readySince: number | undefined
  readonly ready: Deferred<void>
  isToldToEnd: boolean
  /** How it ended, as the end of a sentence; undefined while it runs. */
  end: string | undefined
  readonly ended: Promise<void>
}

class ProcessGroup {
  /** Those that serve or will, by place. */
  private readonly seats = new Map<number, Seat>()
  /** Those and their successors, until they have ended. */
  private readonly running = new Set<Seat>()
  private readonly reports = new SharedReports()
  private readonly reloads = new SharedReloads()
  /** Undefined until one of them has a console. */
  private history: SharedHistory | undefined
  private url = ''
  /** When the first signal came. */
  private stoppedAt: number | undefined
  private isRolling = false
  /** Whether all shall be replaced once more: some may have read what has been changed since. */
  private mustRollAgain = false
  /** Whether all have served at the same time. */
  private isWhole = false
  /** How many in a row did not stay, by place. */
  private readonly failures = new Map<number, number>()

  constructor(private readonly options: ProcessGroupOptions) {
    cluster.schedulingPolicy = cluster.SCHED_NONE
    cluster.setupPrimary({ exec: process.argv[1], args: process.argv.slice(2) })
    cluster.on('message', (worker, message: unknown) => {
      if (isOurs<FromMember>(message)) this.take(worker, message)
    })
    process.on('SIGTERM', this.stop)
    process.on('SIGINT', this.stop)
    process.on('SIGUSR2', () => this.roll())
  }

  /** If the first one cannot start, the others would not either, and this process ends. */
  async begin(): Promise<void> {
    const first = this.fill(1)
    await Promise.race([first.ready.promise, first.ended])
    for (let place = 2; place <= this.options.count && !this.isStopping; place++) this.fill(place)
  }

  private get isStopping(): boolean {
    return this.stoppedAt !== undefined
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
    const ended = new Promise<void>((resolve) => {
      worker.once('exit', (code, signal) => {
        seat.end = signal ? `was ended by ${signal}` : `ended with code ${code}`
        this.running.delete(seat)
        resolve()
      })
    })
    const seat: Seat = {
      place,
      worker,
      readySince: undefined,
      ready: defer(),
      isToldToEnd: false,
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
    const hasStayed = performance.now() - (seat.readySince ?? Number.POSITIVE_INFINITY) > settledMs
    const failures = hasStayed ? 0 : (this.failures.get(place) ?? 0) + 1
    this.failures.set(place, failures)
    const wait = restMs(failures)
    const when = wait > 0 ? ` in ${wait / 1000} s` : ''
    this.options.log(`process ${place} ${end}; another takes its place${when}`)
    setTimeout(() => {
      if (!this.isStopping && this.seats.get(place) === seat) this.fill(place)
    }, wait)
  }

  private async roll(): Promise<void> {
    const { log } = this.options
    this.mustRollAgain = this.isRolling
    if (this.isRolling || this.isStopping) return
    this.isRolling = true
    log('every process is being replaced')
    for (const place of [...this.seats.keys()]) {
      const next = this.open(place)
      await Promise.race([next.ready.promise, next.ended])
      if (this.isStopping) return
      if (next.end !== undefined) {
        log(`the new process ${place} ${next.end} before it was ready; those that run stay`)
        break
      }
      // It may be another one than when this round began.
      const old = this.seats.get(place)!
      this.seats.set(place, next)
      next.ended.then(() => this.replace(next))
      await this.end(old)
      if (this.isStopping) return
    }
    this.isRolling = false
    log(`Presage serves ${this.url} with ${this.options.count} processes`)
    if (this.mustRollAgain) await this.roll()
  }

  /** A process ends itself within its grace. One that stands still never would; one that is told twice drops requests. */
  private async end(seat: Seat): Promise<void> {
    const { worker, ended } = seat
    if (!seat.isToldToEnd) worker.process.kill('SIGTERM')
    seat.isToldToEnd = true
    const kill = setTimeout(() => worker.process.kill('SIGKILL'), this.options.graceMs + mostOverdueMs)
    await ended
    clearTimeout(kill)
  }

  private readonly stop = async (signal: NodeJS.Signals): Promise<void> => {
    const now = performance.now()
    if (this.stoppedAt !== undefined) {
      if (now - this.stoppedAt > repeatMs) this.kill(signal)
      return
    }
    this.stoppedAt = now
    const ending = [...this.running]
    await Promise.all(ending.map((seat) => this.end(seat)))
    const isOrderly = ({ readySince, worker }: Seat) =>
      readySince === undefined || worker.process.exitCode === 0
    process.exit(ending.every(isOrderly) ? 0 : 1)
  }

  /** Ends all at once, and this process by the signal itself. */
  private kill(signal: NodeJS.Signals): void {
    this.options.log(`Presage is killed: ${signal} came a second time`)
    for (const { worker } of this.running) worker.process.kill('SIGKILL')
    process.off(signal, this.stop)
    process.kill(process.pid, signal)
  }

  private take(worker: Worker, message: FromMember): void {
    switch (message.presage) {
      case 'ready':
        this.url = message.url
        this.reports.join(worker)
        this.reloads.join(worker)
        for (const seat of this.running)
          if (seat.worker === worker) {
            seat.readySince = performance.now()
            seat.ready.resolve()
          }
        this.tellWhole()
        break
      case 'report':
        this.reports.add(worker, message.report)
        break
      case 'ask':
        // It may serve this before it has loaded everything.
        this.reports.join(worker)
        this.reports.show().then((text) => send(worker, { presage: 'text', id: message.id, text }))
        break
      case 'reload':
        this.reloads.begin(worker, message.id)
        break
      case 'reloaded':
        this.reloads.heard(worker, message.id, message.lines)
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

  private tellWhole(): void {
    const { count, log } = this.options
    const serving = [...this.seats.values()].filter(({ readySince }) => readySince !== undefined)
    if (this.isWhole || serving.length < count) return
    this.isWhole = true
    log(`Presage serves ${this.url} with ${count} processes`)
  }

  private openHistory(): SharedHistory {
    const { SharedHistory }: typeof import('./sharedHistory') = require('./sharedHistory')
    return new SharedHistory(this.options.consoleStepMs)
  }
}

/** A process that served for this long does not end because of how it starts. */
const settledMs = 10_000
/** Longer than a process takes to end itself after its grace. */
const mostOverdueMs = 2_000

/** How long to wait before the next process is started, by how many in a row did not stay: none, then 1 s doubling up to 32 s. */
function restMs(failures: number): number {
  return failures === 0 ? 0 : 1_000 * 2 ** Math.min(failures - 1, 5)
}
