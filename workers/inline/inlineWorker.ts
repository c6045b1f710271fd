import { PresageError } from '../../lib/errors'
import { Emitter } from '../../lib/events'
import type { GraphSignature, Tensors } from '../../models/types/tensor'
import type { GraphOptions } from '../runtime/graphFiles'
import { type OnnxSession, openSession } from '../runtime/onnx'
import type { Inference, Worker } from '../runtime/worker'
import { WorkerLost } from '../runtime/workerLost'

/**
 * A worker on the calling thread: nothing is copied, moved or sent. A run blocks the thread. It can be neither lost nor
 * stalled without the whole process.
 */
export class InlineWorker implements Worker {
  readonly kind = 'inline'
  readonly lost = new Emitter<string>().event
  readonly stalled = new Emitter<string>().event
  private readonly sessions = new Map<string, OnnxSession>()
  /** The run that was started last. Runs end in the order in which they started. */
  private last: Promise<unknown> = Promise.resolve()
  private ended = false

  constructor(readonly id: string) {}

  async load(key: string, graphPath: string, options?: GraphOptions): Promise<GraphSignature> {
    if (this.ended) throw this.endedError()
    const session = await openSession(graphPath, options)
    this.sessions.set(key, session)
    return session.signature
  }

  infer(key: string, tensors: Tensors): Promise<Inference> {
    if (this.ended) return Promise.reject(this.endedError())
    const session = this.sessions.get(key)
    if (!session) {
      return Promise.reject(new PresageError('INFERENCE_FAILED', `${key} is not loaded in this worker`))
    }
    const run = session.run(tensors)
    this.last = run
    return run
  }

  unload(key: string): void {
    this.sessions.get(key)?.release()
    this.sessions.delete(key)
  }

  async dispose(): Promise<void> {
    this.ended = true
    await this.last.catch(() => {})
    this.sessions.clear()
  }

  private endedError(): WorkerLost {
    return new WorkerLost(`worker ${this.id} (inline) was lost: it has been ended`, false)
  }
}
