import { Emitter } from '../../lib/events'
import { type GraphSignature, rowsOf, type Tensors } from '../../models/types/tensor'
import { CallError, callStatus } from '../../workers/remote/callError'
import { callFailure } from '../../workers/remote/callFailure'
import type {
  FailedCall,
  Readiness,
  RemoteInference,
  ServerConnection,
} from '../../workers/remote/serverConnection'
import { WorkerLost } from '../../workers/runtime/workerLost'
import { outputsOf, signature } from './simulatedModel'
import type { ServerClient, SimulatedServer } from './simulatedServer'
import type { VirtualTime } from './virtualTime'

/** A connection to a simulated server, over a network that takes a while. */
export class SimulatedConnection implements ServerConnection, ServerClient {
  readonly kind = 'remote'
  private readonly lostEmitter = new Emitter<string>()
  readonly lost = this.lostEmitter.event
  readonly stalled = new Emitter<never>().event
  private readonly failedEmitter = new Emitter<FailedCall>()
  readonly failed = this.failedEmitter.event
  /** Ends each call in flight. */
  private readonly running = new Set<(error: CallError) => void>()
  private isOver = false

  /** As `Connect`; `networkMs` is the time of one way. */
  static async open(
    id: string,
    server: SimulatedServer,
    time: VirtualTime,
    networkMs: () => number,
  ): Promise<SimulatedConnection> {
    await time.pause(2 * networkMs())
    if (!server.isReachable) throw new Error('connection refused')
    const connection = new SimulatedConnection(id, server, time, networkMs)
    const readiness = await connection.readiness()
    if (readiness !== 'ready') throw new Error(`it is ${readiness}`)
    server.connect(connection)
    return connection
  }

  private constructor(
    readonly id: string,
    private readonly server: SimulatedServer,
    private readonly time: VirtualTime,
    private readonly networkMs: () => number,
  ) {}

  async load(key: string): Promise<GraphSignature> {
    this.checkOpen()
    await this.time.pause(this.networkMs())
    await this.server.load(key)
    await this.time.pause(this.networkMs())
    this.checkOpen()
    return signature
  }

  infer(
    key: string,
    tensors: Tensors,
    deadline = Number.POSITIVE_INFINITY,
    _origin?: unknown,
    signal?: AbortSignal,
  ): Promise<RemoteInference> {
    if (this.isOver) return Promise.reject(this.endedError())
    const { time, server, running } = this
    const began = time.now()
    const rows = rowsOf(tensors)
    return new Promise((resolve, reject) => {
      const settled = () => {
        stop()
        running.delete(fail)
        signal?.removeEventListener('abort', cancel)
      }
      const fail = (error: CallError) => {
        if (!running.has(fail)) return
        settled()
        reject(this.failure(key, error, began))
      }
      running.add(fail)
      const cancel = () => {
        if (!running.has(fail)) return
        settled()
        time.after(this.networkMs(), () => {
          call.isCancelled = true
        })
        reject(new WorkerLost(`a call to worker ${this.id} (remote) was cancelled`, false))
      }
      signal?.addEventListener('abort', cancel)
      const stop =
        deadline === Number.POSITIVE_INFINITY
          ? () => {}
          : time.after(deadline - began, () =>
              fail(new CallError(callStatus.deadlineExceeded, 'no answer before the deadline')),
            )
      const answer = (error?: CallError) => {
        const load = server.told
        time.after(this.networkMs(), () => {
          if (error !== undefined) return fail(error)
          if (!running.has(fail)) return
          settled()
          resolve({ tensors: outputsOf(rows), computeMs: time.now() - began, load })
        })
      }
      const call = { key, rows, deadline, answer, isCancelled: false }
      time.after(this.networkMs(), () => {
        if (!call.isCancelled) server.take(call)
      })
    })
  }

  async readiness(): Promise<Readiness> {
    const { time, server } = this
    await time.pause(2 * this.networkMs())
    if (this.isOver || !server.isReachable) return 'gone'
    const { frozenMs } = server
    await time.pause(Math.min(readyMs, frozenMs))
    if (frozenMs > readyMs) return 'silent'
    return server.state === 'up' ? 'ready' : 'not ready'
  }

  /** Called when the server's process has ended. */
  ended(): void {
    this.time.after(this.networkMs(), () => this.lose())
  }

  async dispose(): Promise<void> {
    this.isOver = true
    while (this.running.size > 0) await this.time.pause(1)
    this.server.disconnect(this)
  }

  private lose(): void {
    const wasOver = this.isOver
    this.isOver = true
    const error = new CallError(callStatus.unavailable, 'the connection ended')
    for (const fail of [...this.running]) fail(error)
    if (!wasOver) this.lostEmitter.fire(error.message)
  }

  private failure(key: string, error: CallError, began: number): Error {
    const failure = callFailure(this.id, key, error)
    this.failedEmitter.fire({ ...failure, key, ms: this.time.now() - began })
    return failure.error
  }

  private checkOpen(): void {
    if (this.isOver) throw this.endedError()
  }

  private endedError(): WorkerLost {
    return new WorkerLost(`worker ${this.id} (remote) was lost`, false)
  }
}

/** As long as the production code waits. */
const readyMs = 1_000
