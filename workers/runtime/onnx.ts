import { PresageError } from '../../lib/errors'
import type { ClassLabels, GraphSignature, Tensor, TensorSignature, Tensors } from '../../models/types/tensor'
import { type GraphFiles, type GraphOptions, readGraph } from './graphFiles'
import { type InferenceSession, loadRuntime, type Tensor as OnnxTensor } from './onnxRuntime'
import { runtimeSentence } from './runtimeSentence'
import { withRank } from './withRank'
import type { Inference } from './worker'

const runtime = loadRuntime()

/** A graph that the runtime has loaded. */
export interface OnnxSession {
  readonly signature: GraphSignature
  /**
   * Runs the graph once and returns the requested outputs, in buffers of their own. Blocks the thread from the end of
   * this turn of the event loop until it is done. Rejects with `INFERENCE_FAILED` and the runtime's message.
   */
  run(tensors: Tensors): Promise<Inference>
  /** Frees the runtime's memory. Call it when no run is in progress; nothing may run afterwards. */
  release(): void
}

/**
 * Creates a session for a graph. Rejects with the runtime's message, or if the file's SHA-256 is not `sha256`: a
 * version never changes, so a worker that starts later must not serve another graph under its name. Outputs that map
 * class labels to numbers become tensors, and their signatures get the labels (`plainMaps`).
 */
export async function openSession(graphPath: string, options: GraphOptions = {}): Promise<OnnxSession> {
  // Destructured, so that the functions below do not keep the whole model in memory.
  const { sha256, classes, ...files } = await readGraph(graphPath, options)
  const first = await createSession(files, sessionOptions)
  const memory = new SessionMemory(first, () => reopen(graphPath, { ...options, sha256 }))
  const asked = options.outputs?.filter((name) => first.outputNames.includes(name)) ?? []
  const fetches = asked.length > 0 ? asked : first.outputNames
  const outputs = first.outputMetadata.map((value) => outputSignature(value, classes))
  const ranks = new Map(outputs.map(({ name, shape }) => [name, shape.length]))
  return {
    signature: { inputs: first.inputMetadata.map(tensorSignature), outputs },
    release: () => memory.release(),
    run(tensors) {
      const feeds: Record<string, OnnxTensor> = {}
      try {
        for (const name in tensors) {
          const { type, data, dims } = tensors[name]
          feeds[name] = new runtime.Tensor(type, data, dims)
        }
      } catch (error) {
        return Promise.reject(inferenceFailed((error as Error).message))
      }
      // The runtime computes in an immediate that `run` schedules. This one comes right before it, so that only the
      // runtime's own time is measured.
      let began = performance.now()
      setImmediate(() => {
        began = performance.now()
      })
      return memory
        .begin()
        .run(feeds, fetches)
        .then(
          (results) => {
            const computeMs = performance.now() - began
            memory.ended(computeMs)
            return { tensors: plainTensors(results, ranks), computeMs }
          },
          (error: unknown) => {
            memory.ended(performance.now() - began)
            throw inferenceFailed(runtimeSentence(error instanceof Error ? error.message : String(error)))
          },
        )
    },
  }
}

/** Opens the session without the arena, which keeps the memory of the largest run. */
async function reopen(graphPath: string, options: GraphOptions): Promise<InferenceSession> {
  return createSession(await readGraph(graphPath, options), { ...sessionOptions, enableCpuMemArena: false })
}

function createSession(
  { name, model, externalData }: Pick<GraphFiles, 'name' | 'model' | 'externalData'>,
  options: InferenceSession.SessionOptions,
): Promise<InferenceSession> {
  return runtime.InferenceSession.create(model, { ...options, externalData }).catch((error: Error) => {
    throw new Error(`${name}: ${runtimeSentence(error.message)}`)
  })
}

function inferenceFailed(message: string): PresageError {
  return new PresageError('INFERENCE_FAILED', message)
}

function plainTensors(results: InferenceSession.ReturnType, ranks: ReadonlyMap<string, number>): Tensors {
  const outputs: Record<string, Tensor> = {}
  for (const name in results) {
    const { type, data, dims } = results[name]
    outputs[name] = { type, data, dims: withRank(dims, ranks.get(name)) } as Tensor
  }
  return outputs
}

/**
 * One thread per session: parallelism comes from the number of workers. More threads, or threads that spin while they
 * wait, would only take cores from other workers.
 */
const sessionOptions: InferenceSession.SessionOptions = {
  executionProviders: ['cpu'],
  executionMode: 'sequential',
  graphOptimizationLevel: 'all',
  intraOpNumThreads: 1,
  interOpNumThreads: 1,
  // Errors reach the caller as messages, so the runtime need not log them as well.
  logSeverityLevel: 4,
  extra: { session: { intra_op: { allow_spinning: '0' }, inter_op: { allow_spinning: '0' } } },
}

function tensorSignature(value: InferenceSession.ValueMetadata): TensorSignature {
  // Of a value that is not a tensor, the runtime reports only the name.
  if (!value.isTensor) return { name: value.name, type: 'sequence or map', shape: [] }
  return { name: value.name, type: value.type, shape: value.shape }
}

/** The signature of an output; `classes` as `plainMaps` found them. */
function outputSignature(
  value: InferenceSession.ValueMetadata,
  classes: ReadonlyMap<string, ClassLabels>,
): TensorSignature {
  const signature = tensorSignature(value)
  const own = classes.get(value.name)
  // The runtime does not infer the shape of the tensor behind the maps.
  if (own !== undefined) return { ...signature, shape: ['', own.length], classes: own }
  // LightGBM's exporter declares one label for any number of rows. `checkOutputs` counts what a run yields.
  const isLabel = classes.size > 0 && signature.shape.length === 1 && signature.shape[0] === 1
  return isLabel ? { ...signature, shape: [''] } : signature
}

/** A shorter run, in milliseconds, cannot have allocated much memory. */
const longMs = 20

/** If this process grew by more than this since the last check, the session is assumed to hold the memory. */
const growthBytes = 256 * 2 ** 20

/**
 * Holds one session of a graph at a time. The runtime keeps the memory of a session's largest run for later runs. That
 * is faster, but a single large request would then hold it forever. If the process has grown a lot after a run, the
 * session is replaced by one that keeps no memory, and released.
 */
export class SessionMemory<Session extends { release(): Promise<void> }> {
  private resident = process.memoryUsage.rss()
  private running = 0
  private isReplaced = false
  private isReleased = false
  /** The replaced session, until its last run is over. */
  private old: Session | undefined

  constructor(
    private session: Session,
    /** Opens a session of the same graph that keeps no memory. */
    private readonly reopen: () => Promise<Session>,
  ) {}

  /** The session for a run. Call `ended` at the end of the run. */
  begin(): Session {
    this.running++
    return this.session
  }

  /** Call at the end of a run, with its milliseconds. */
  ended(ms: number): void {
    this.running--
    if (this.old !== undefined) this.releaseOld()
    if (ms < longMs || this.isReplaced) return
    const resident = process.memoryUsage.rss()
    if (resident - this.resident > growthBytes) {
      this.isReplaced = true
      void this.replace()
    }
    this.resident = resident
  }

  /** Call when no run is in progress. Nothing may run afterwards. */
  release(): void {
    this.isReleased = true
    // Memory that it cannot free stays allocated.
    this.session.release().catch(() => {})
  }

  /** If the graph's file is gone, the current session stays. */
  private async replace(): Promise<void> {
    try {
      const next = await this.reopen()
      if (this.isReleased) {
        next.release().catch(() => {})
        return
      }
      this.old = this.session
      this.session = next
      this.releaseOld()
    } catch {
      this.isReplaced = false
    }
  }

  private releaseOld(): void {
    if (this.old === undefined || this.running > 0) return
    const { old } = this
    this.old = undefined
    old.release().catch(() => {})
  }
}
