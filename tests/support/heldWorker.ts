import { PresageError } from '../../lib/errors'
import { Emitter } from '../../lib/events'
import type { GraphSignature, Tensors } from '../../models/types/tensor'
import type { Inference, VersionFault, Worker } from '../../workers/runtime/worker'
import { WorkerLost } from '../../workers/runtime/workerLost'

/** A batch that a held worker has been given. */
export interface HeldCall {
  readonly key: string
  /** The tensor `x`: one number per row, so that a test sees which rows these are. */
  readonly values: readonly number[]
  /** Answers with y = 10 x, or with the tensors given, after 1 ms or what is given. */
  answer(tensors?: Tensors, computeMs?: number): void
  /** Answers as the runtime does that refuses a batch. */
  refuse(message: string): void
}

/** A worker whose answers, death and stalling are in the test's hand. */
export class HeldWorker implements Worker {
  readonly kind = 'held'
  readonly loaded: string[] = []
  /** Every batch it was given, in order. */
  readonly calls: HeldCall[] = []
  disposed = false
  private mayEnd: Promise<void> | undefined
  private readonly lostEmitter = new Emitter<string>()
  private readonly stalledEmitter = new Emitter<VersionFault>()
  readonly lost = this.lostEmitter.event
  readonly stalled = this.stalledEmitter.event
  private readonly exceededEmitter = new Emitter<VersionFault>()
  readonly exceeded = this.exceededEmitter.event
  private readonly swollenEmitter = new Emitter<void>()
  readonly swollen = this.swollenEmitter.event
  private readonly pending = new Set<(error: Error) => void>()

  constructor(
    readonly id: string,
    private readonly onLoad: (key: string, worker: HeldWorker) => Promise<void>,
  ) {}

  async load(key: string): Promise<GraphSignature> {
    await this.onLoad(key, this)
    this.loaded.push(key)
    return { inputs: [], outputs: [] }
  }

  unload(key: string): void {
    this.loaded.splice(this.loaded.indexOf(key), 1)
  }

  infer(key: string, tensors: Tensors): Promise<Inference> {
    return new Promise((resolve, reject) => {
      this.pending.add(reject)
      const values = Array.from(tensors.x.data as Float32Array)
      this.calls.push({
        key,
        values,
        answer: (answer = tenfold(values), computeMs = 1) => {
          this.pending.delete(reject)
          resolve({ tensors: answer, computeMs })
        },
        refuse: (message) => {
          this.pending.delete(reject)
          reject(new PresageError('INFERENCE_FAILED', message))
        },
      })
    })
  }

  /** The batch it was given last. */
  get last(): HeldCall {
    const call = this.calls.at(-1)
    if (!call) throw new Error(`worker ${this.id} has had no batch`)
    return call
  }

  /** Which rows it was given, batch by batch. */
  get batches(): readonly (readonly number[])[] {
    return this.calls.map((call) => call.values)
  }

  die(reason = 'killed by the test', rowsSuspected = true): void {
    for (const reject of this.pending) reject(new WorkerLost(reason, rowsSuspected))
    this.pending.clear()
    this.lostEmitter.fire(reason)
  }

  /** As a process that took too much memory over a version. */
  burst(key: string): void {
    this.exceededEmitter.fire({ key, sentence: 'it took too much' })
    this.die('it took too much')
  }

  /** As a process that takes most of its memory after a call. */
  swell(): void {
    this.swollenEmitter.fire()
  }

  stall(): void {
    this.stalledEmitter.fire({ key: this.calls.at(-1)?.key ?? '', sentence: 'stalled by the test' })
  }

  /** From now on `dispose` waits, as for a thread that does not come back, until the returned function is called. */
  holdDispose(): () => void {
    let release!: () => void
    this.mayEnd = new Promise((resolve) => {
      release = resolve
    })
    return release
  }

  async dispose(): Promise<void> {
    await this.mayEnd
    this.disposed = true
  }
}

/** Starts held workers; `workers` are all that were started, in order. */
export function heldWorkers(onLoad: (key: string, worker: HeldWorker) => Promise<void> = async () => {}): {
  start: (id: string) => Promise<HeldWorker>
  workers: HeldWorker[]
} {
  const workers: HeldWorker[] = []
  return {
    workers,
    start: async (id) => {
      const worker = new HeldWorker(id, onLoad)
      workers.push(worker)
      return worker
    },
  }
}

function tenfold(values: readonly number[]): Tensors {
  return {
    y: { type: 'float32', dims: [values.length], data: Float32Array.from(values, (value) => 10 * value) },
  }
}
