import { PresageError } from '../../lib/errors'
import { Emitter } from '../../lib/events'
import type { Tensors } from '../../models/types/tensor'
import type { Inference, Worker } from '../../workers/runtime/worker'
import { WorkerLost } from '../../workers/runtime/workerLost'

/** What the runs of a test's models take and do, whoever makes them. */
export interface TimedRuns {
  /** Milliseconds that a run of so many rows says it took. */
  ms: (rows: number) => number
  /** A run that holds this value is refused. */
  poison?: number
  /** Instead of one row for each. */
  outputRows?: number
}

/** A worker that answers y = 10 x in the next turn of the event loop, and says that it took what the test wants. */
export class TimedWorker implements Worker {
  readonly lost = new Emitter<string>().event
  readonly stalled = new Emitter<never>().event
  readonly loaded: string[] = []
  /** Which rows it was given, batch by batch. */
  readonly batches: number[][] = []
  disposed = false

  constructor(
    readonly id: string,
    readonly kind: string,
    private readonly runs: TimedRuns,
  ) {}

  async load(key: string) {
    this.loaded.push(key)
    return { inputs: [], outputs: [] }
  }

  unload(key: string): void {
    this.loaded.splice(this.loaded.indexOf(key), 1)
  }

  infer(_key: string, { x }: Tensors): Promise<Inference> {
    if (this.disposed) return Promise.reject(new WorkerLost('it has been ended', false))
    const values = Array.from(x.data as Float32Array)
    this.batches.push(values)
    const { ms, poison, outputRows = values.length } = this.runs
    return new Promise((resolve, reject) => {
      setImmediate(() => {
        if (poison !== undefined && values.includes(poison)) {
          reject(new PresageError('INFERENCE_FAILED', `poisoned by ${poison}`))
          return
        }
        const data = Float32Array.from({ length: outputRows }, (_, row) => 10 * values[row])
        const y = { type: 'float32', dims: [outputRows], data } as const
        resolve({ tensors: { y }, computeMs: ms(values.length) })
      })
    })
  }

  async dispose(): Promise<void> {
    this.disposed = true
  }
}
