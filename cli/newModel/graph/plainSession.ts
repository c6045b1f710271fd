import { loadRuntime, type Tensor } from '../../../workers/runtime/onnxRuntime'
import { runtimeSentence } from '../../../workers/runtime/runtimeSentence'

/** The values of one tensor for the bare runtime. */
export interface PlainTensor {
  /** The runtime's name of the element type. */
  readonly type: string
  readonly dims: readonly number[]
  readonly values: readonly (number | string)[]
}

/** A graph in the bare runtime, without any of our code in between. */
export interface PlainSession {
  /** The values of these outputs. Rejects with the runtime's message. */
  run(
    feeds: Readonly<Record<string, PlainTensor>>,
    outputs: readonly string[],
  ): Promise<Readonly<Record<string, ArrayLike<unknown>>>>
}

/** Rejects with the runtime's message. */
export async function openPlainSession(
  model: Uint8Array,
  externalData: { path: string; data: Uint8Array }[],
): Promise<PlainSession> {
  const runtime = loadRuntime()
  const session = await runtime.InferenceSession.create(model, { logSeverityLevel: 4, externalData }).catch(
    refuse,
  )
  return {
    async run(feeds, outputs) {
      const tensors = Object.entries(feeds).map(([name, feed]) => [name, tensorOf(feed, runtime)] as const)
      const results = await session.run(Object.fromEntries(tensors), [...outputs]).catch(refuse)
      return Object.fromEntries(outputs.map((name) => [name, results[name].data as ArrayLike<unknown>]))
    },
  }
}

function tensorOf({ type, dims, values }: PlainTensor, runtime: ReturnType<typeof loadRuntime>): Tensor {
  const data = /int64$/.test(type) ? values.map((value) => BigInt(value)) : values
  return new runtime.Tensor(type as 'float32', data as number[], dims)
}

function refuse(error: Error): never {
  throw new Error(runtimeSentence(error.message))
}
