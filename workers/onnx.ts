import { InferenceSession, Tensor as OnnxTensor } from 'onnxruntime-node'
import type { GraphSignature, Tensor, TensorData, TensorSignature, Tensors } from '../models/tensor'

/** A graph that the runtime has loaded. */
export interface OnnxSession {
  readonly signature: GraphSignature
  /**
   * Runs the graph once and yields all its outputs, in buffers of their own. Blocks the thread meanwhile. Rejects with
   * the runtime's sentence.
   */
  run(tensors: Tensors): Promise<Tensors>
}

/** Creates the session of one graph. Rejects with the runtime's sentence. */
export async function openSession(graphPath: string): Promise<OnnxSession> {
  const session = await InferenceSession.create(graphPath, sessionOptions)
  return {
    signature: {
      inputs: session.inputMetadata.map(tensorSignature),
      outputs: session.outputMetadata.map(tensorSignature),
    },
    async run(tensors) {
      const feeds: Record<string, OnnxTensor> = {}
      for (const name in tensors) {
        const { type, data, dims } = tensors[name]
        feeds[name] = new OnnxTensor(type, data, dims)
      }
      const results = await session.run(feeds)
      const outputs: Record<string, Tensor> = {}
      for (const name in results) {
        const { type, data, dims } = results[name]
        outputs[name] = { type: type as Tensor['type'], data: data as TensorData, dims }
      }
      return outputs
    },
  }
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
