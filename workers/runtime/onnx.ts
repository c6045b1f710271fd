import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { nextTurn } from '../../lib/scheduling/turns'
import type { GraphSignature, Tensor, TensorData, TensorSignature, Tensors } from '../../models/types/tensor'
import { type InferenceSession, loadRuntime, type Tensor as OnnxTensor } from './onnxRuntime'
import { SessionMemory } from './sessionMemory'
import type { Inference } from './worker'

const runtime = loadRuntime()

/** A graph that the runtime has loaded. */
export interface OnnxSession {
  readonly signature: GraphSignature
  /**
   * Runs the graph once and yields all its outputs, in buffers of their own. Blocks the thread meanwhile, from the end of
   * this turn of the event loop on. Rejects with the runtime's sentence.
   */
  run(tensors: Tensors): Promise<Inference>
}

/**
 * Creates the session of one graph. Rejects with the runtime's sentence, or if the file is not the one that `sha256`
 * names: a version never changes, so a worker that starts later must not serve another graph under its name.
 */
export async function openSession(graphPath: string, sha256?: string): Promise<OnnxSession> {
  const { graph, digest } = await readGraph(graphPath, sha256)
  const first = await runtime.InferenceSession.create(graph, sessionOptions)
  const memory = new SessionMemory(first, () => reopen(graphPath, digest))
  return {
    signature: {
      inputs: first.inputMetadata.map(tensorSignature),
      outputs: first.outputMetadata.map(tensorSignature),
    },
    run(tensors) {
      const feeds: Record<string, OnnxTensor> = {}
      try {
        for (const name in tensors) {
          const { type, data, dims } = tensors[name]
          feeds[name] = new runtime.Tensor(type, data, dims)
        }
      } catch (error) {
        return Promise.reject(error)
      }
      // The runtime computes in an immediate that `run` schedules; this one comes right before it. So the time is the
      // runtime's alone, without what this thread does until then.
      let began = performance.now()
      setImmediate(() => {
        began = performance.now()
      })
      return memory
        .begin()
        .run(feeds)
        .then(
          (results) => {
            const computeMs = performance.now() - began
            memory.ended(computeMs)
            return { tensors: plainTensors(results), computeMs }
          },
          (error: unknown) => {
            memory.ended(performance.now() - began)
            throw error
          },
        )
    },
  }
}

/** Without the arena, which is what keeps the memory of the largest run. */
async function reopen(graphPath: string, sha256: string): Promise<InferenceSession> {
  const { graph } = await readGraph(graphPath, sha256)
  return runtime.InferenceSession.create(graph, { ...sessionOptions, enableCpuMemArena: false })
}

async function readGraph(
  graphPath: string,
  sha256: string | undefined,
): Promise<{ readonly graph: Buffer; readonly digest: string }> {
  // Sentences name the file and never its folder: they are shown to clients.
  const name = basename(graphPath)
  const graph = await readFile(graphPath).catch((error: NodeJS.ErrnoException) => {
    throw new Error(`${name}: must be a readable file, got ${error.code}`)
  })
  const digest = await digestOf(graph)
  if (sha256 !== undefined && digest !== sha256) {
    throw new Error(`${name}: must not change once published, got SHA-256 ${digest} instead of ${sha256}`)
  }
  return { graph, digest }
}

/** To hash so much takes a fraction of a millisecond. */
const hashedInTurn = 1 << 16

/** In turns, since sessions are opened on the thread that serves HTTP as well. */
async function digestOf(graph: Buffer): Promise<string> {
  const hash = createHash('sha256')
  for (let at = 0; at < graph.length; at += hashedInTurn) {
    hash.update(graph.subarray(at, at + hashedInTurn))
    await nextTurn()
  }
  return hash.digest('hex')
}

function plainTensors(results: InferenceSession.ReturnType): Tensors {
  const outputs: Record<string, Tensor> = {}
  for (const name in results) {
    const { type, data, dims } = results[name]
    outputs[name] = { type: type as Tensor['type'], data: data as TensorData, dims }
  }
  return outputs
}

/**
 * One thread a session: parallelism comes from the number of workers, and a second thread, or one that spins while it
 * waits, would only take a core from them.
 */
const sessionOptions: InferenceSession.SessionOptions = {
  executionProviders: ['cpu'],
  executionMode: 'sequential',
  graphOptimizationLevel: 'all',
  intraOpNumThreads: 1,
  interOpNumThreads: 1,
  // Errors reach the caller as sentences; the runtime need not print them as well.
  logSeverityLevel: 4,
  extra: { session: { intra_op: { allow_spinning: '0' }, inter_op: { allow_spinning: '0' } } },
}

function tensorSignature(value: InferenceSession.ValueMetadata): TensorSignature {
  // Of a value that is no tensor the runtime tells the name and nothing else.
  if (!value.isTensor) return { name: value.name, type: 'sequence or map', shape: [] }
  return { name: value.name, type: value.type, shape: value.shape }
}
