import { type Clock, EarliestTimer } from '../../lib/clock'
import { PresageError } from '../../lib/errors'
import { Emitter } from '../../lib/events'
import { inMiB } from '../../lib/files/byteSize'
import { type Deferred, defer } from '../../lib/scheduling/deferred'
import type { GraphSignature, Tensors } from '../../models/types/tensor'
import type { GraphOptions } from './graphFiles'
import type { ChildReply, ChildRequest } from './messages'
import type { Inference, VersionFault, Worker } from './worker'
import { WorkerLost } from './workerLost'

/** A started thread or process, as its worker sees it. */
export interface Child {
  readonly kind: 'thread' | 'process'
  readonly pid?: number
  /** Sends a request, and moves or copies the tensors of an `infer`. Throws if the message cannot be sent. */
  send(request: ChildRequest): void
  /** Sets the listeners. `ended` is called once, with the reason in words. */
  listen(reply: (message: ChildReply) => void, ended: (reason: string) => void): void
  /** Ends the child at once. Absent if that would end more than the child. */
  kill?(): void
  /** The child's memory, if the system reports it; undefined once it has ended. */
  residentBytes?(): number | undefined
}

export interface ChildWorkerOptions {
  readonly stallAfterMs: number
  readonly clock: Clock
  /** How much memory a child that can be killed may take; default unlimited. */
  readonly memoryBytes?: number
}

/** Starting and loading may take this many times the limit of other calls. */
const loadLimitFactor = 30

/**
 * A limit passes in so many steps, each with a timer of its own. Where this process stood still, or the whole machine, that is
 * one step, however long it was: the child may have stood still as well.
 */
const limitSteps = 4

/** How often to check the memory of a busy child: a run can allocate a lot in this time. */
const memoryLookMs = 100

/** An idle child that takes more than this share of its memory will soon exceed it. */
const swollenShare = 0.8

/**
 * A worker around a child: numbered calls, each with a time limit. A child that can be killed is killed when it exceeds
 * the limit or its memory, and is pinged while idle. One that cannot is reported as stalled.
 */
export class ChildWorker implements Worker {
  readonly kind: string
  readonly pid?: number
  private readonly lostEmitter = new Emitter<string>()
  private readonly stalledEmitter = new Emitter<VersionFault>()
  readonly lost = this.lostEmitter.event
  readonly stalled = this.stalledEmitter.event
  private readonly exceededEmitter = new Emitter<VersionFault>()
  readonly exceeded = this.exceededEmitter.event
  private readonly swollenEmitter = new Emitter<void>()
  readonly swollen = this.swollenEmitter.event

  /**
   * Rarely more than two. Not a Map: a Map allocates new tables, and the old ones can keep the entries from being
   * collected (see lib/scheduling/linkedList).
   */
  private calls: Call[] = []
  private readonly memoryBytes: number
  private lastCall = 0
  private readonly ready = defer<void>()
  private readonly over = defer<void>()
  private endReason: string | undefined
  /** Why it was killed, if it was; more precise than the signal. */
  private killReason: string | undefined
  private disposing = false
  private isStalled = false
  private cancelPing = () => {}
  /** For the call with the earliest limit. */
  private readonly limits: EarliestTimer
  /** The version of the last call. */
  private lastKey = ''
  private watchesMemory = false
  private cancelMemoryLook = () => {}

  /** Resolves when the child's runtime is ready; rejects if it ends before. */
  static async start(id: string, child: Child, options: ChildWorkerOptions): Promise<ChildWorker> {
    const { stallAfterMs, clock } = options
    const worker = new ChildWorker(id, child, options)
    const cancelLimit = child.kill && clock.after(stallAfterMs * loadLimitFactor, child.kill)
    try {
      await worker.ready.promise
    } finally {
      cancelLimit?.()
    }
    if (child.kill) worker.pingWhenIdle()
    return worker
  }

  private constructor(
    readonly id: string,
    private readonly child: Child,
    private readonly options: ChildWorkerOptions,
  ) {
    this.limits = new EarliestTimer(options.clock, () => this.look())
    this.memoryBytes = (child.kill && options.memoryBytes) ?? Number.POSITIVE_INFINITY
    this.kind = child.kind
    this.pid = child.pid
    child.listen(
      (reply) => this.hear(reply),
      (reason) => this.end(reason),
    )
  }

  load(key: string, graphPath: string, options?: GraphOptions): Promise<GraphSignature> {
    return this.call<GraphSignature>(
      { call: ++this.lastCall, kind: 'load', key, graphPath, options },
      this.options.stallAfterMs * loadLimitFactor,
    )
  }

  infer(key: string, tensors: Tensors): Promise<Inference> {
    return this.call<Inference>(
      { call: ++this.lastCall, kind: 'infer', key, tensors },
      this.options.stallAfterMs,
    )
  }

  unload(key: string): void {
    if (this.endReason === undefined) this.child.send({ kind: 'unload', key })
  }

  async dispose(): Promise<void> {
    if (!this.disposing && this.endReason === undefined) {
      this.disposing = true
      this.cancelPing()
      while (this.calls.length > 0) await Promise.allSettled(this.calls.map(({ promise }) => promise))
      if (this.endReason === undefined) this.askToEnd()
    }
    await this.over.promise
  }

  private askToEnd(): void {
    const { kill } = this.child
    const cancel = kill && this.options.clock.after(this.options.stallAfterMs, kill)
    this.over.promise.then(cancel)
    this.child.send({ kind: 'end' })
  }

  private call<T>(request: Exclude<ChildRequest, { kind: 'end' | 'unload' }>, limitMs: number): Promise<T> {
    if (this.endReason !== undefined) return Promise.reject(this.lostError(this.endReason))
    const stepAt = this.options.clock.now() + limitMs / limitSteps
    const key = request.kind === 'ping' ? undefined : request.key
    const { call: number, kind } = request
    const call = { ...defer<unknown>(), number, kind, key, limitMs, stepAt, steps: 0 }
    try {
      this.child.send(request)
    } catch (error) {
      return Promise.reject(new PresageError('INFERENCE_FAILED', (error as Error).message))
    }
    this.calls.push(call)
    this.limits.watch(call.stepAt)
    if (key !== undefined) {
      this.lastKey = key
      if (!this.watchesMemory) this.watchMemory()
    }
    return call.promise as Promise<T>
  }

  /** The version that the child works on, which does one call after the other; that of the last call if it is idle. */
  private get key(): string {
    return this.calls.find(({ key }) => key !== undefined)?.key ?? this.lastKey
  }

  /** Checks the memory repeatedly while calls are pending, since it may grow during a long run. */
  private watchMemory(): void {
    if (this.child.residentBytes === undefined || this.memoryBytes === Number.POSITIVE_INFINITY) return
    this.watchesMemory = true
    this.cancelMemoryLook = this.options.clock.after(memoryLookMs, () => {
      this.watchesMemory = false
      this.checkMemory(this.child.residentBytes?.())
      if (this.calls.length > 0 && this.killReason === undefined) this.watchMemory()
    })
  }

  private checkMemory(bytes = 0): void {
    if (this.killReason !== undefined || this.endReason !== undefined) return
    if (bytes <= this.memoryBytes) {
      if (bytes > swollenShare * this.memoryBytes && this.calls.length === 0) this.swollenEmitter.fire()
      return
    }
    const sentence = `it took ${inMiB(bytes)} of memory and may take ${inMiB(this.memoryBytes)}`
    this.killReason = sentence
    this.exceededEmitter.fire({ key: this.key, sentence })
    this.child.kill?.()
  }

  private look(): void {
    const now = this.options.clock.now()
    let next = Number.POSITIVE_INFINITY
    for (const call of this.calls) {
      if (call.stepAt <= now) this.step(call, now)
      next = Math.min(next, call.stepAt)
    }
    this.limits.watch(next)
  }

  private step(call: Call, now: number): void {
    const isOver = ++call.steps === limitSteps
    call.stepAt = isOver ? Number.POSITIVE_INFINITY : now + call.limitMs / limitSteps
    if (!isOver) return
    // If this process was too busy, the reply may be unread: the loop reads it before it runs the immediate.
    setImmediate(() => {
      if (this.calls.includes(call)) this.overrun(`no reply to ${call.kind} within ${call.limitMs} ms`)
    })
  }

  private overrun(sentence: string): void {
    if (this.child.kill) {
      this.killReason = sentence
      this.child.kill()
    } else if (!this.isStalled) {
      this.isStalled = true
      this.stalledEmitter.fire({ key: this.key, sentence })
    }
  }

  private hear(reply: ChildReply): void {
    if (reply.kind === 'ready') {
      this.ready.resolve()
      return
    }
    const at = this.calls.findIndex(({ number }) => number === reply.call)
    // A process may be known to have ended before its last reply is read; that call has been rejected already.
    if (at < 0) return
    const [call] = this.calls.splice(at, 1)
    if (reply.kind === 'failed') {
      const error =
        call.kind === 'load' ? new Error(reply.message) : new PresageError('INFERENCE_FAILED', reply.message)
      call.reject(error)
    } else if (reply.kind === 'pong') {
      call.resolve(reply)
      this.checkMemory(reply.residentBytes)
    } else if (reply.kind === 'loaded') {
      call.resolve(reply.signature)
    } else {
      call.resolve(reply)
    }
  }

  private end(reason: string): void {
    this.endReason = this.killReason ?? reason
    this.cancelPing()
    const error = this.lostError(this.endReason)
    this.limits.stop()
    this.cancelMemoryLook()
    for (const call of this.calls) call.reject(error)
    this.calls = []
    this.ready.reject(error)
    this.over.resolve()
    if (!this.disposing) this.lostEmitter.fire(this.endReason)
  }

  private lostError(reason: string): WorkerLost {
    return new WorkerLost(`worker ${this.id} (${this.kind}) was lost: ${reason}`, this.kind === 'process')
  }

  /** A process that hangs while idle would be noticed only by the next batch, so it is pinged. */
  private pingWhenIdle(): void {
    this.cancelPing = this.options.clock.after(this.options.stallAfterMs / 4, () => {
      // A lost child is reported to others.
      if (this.calls.length === 0)
        this.call({ call: ++this.lastCall, kind: 'ping' }, this.options.stallAfterMs).catch(() => {})
      this.pingWhenIdle()
    })
  }
}

interface Call extends Deferred<unknown> {
  readonly number: number
  readonly kind: ChildRequest['kind']
  /** The version; undefined for a ping. */
  readonly key: string | undefined
  readonly limitMs: number
  /** How many steps of its limit have passed. */
  steps: number
  /** When the next one has, in the clock's milliseconds; Infinity once the limit has been exceeded. */
  stepAt: number
}
