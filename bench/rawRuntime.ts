import { Tensor } from 'onnxruntime-node'
import type { BenchCase, ModelUse } from './cases'
import { openGraph } from './openGraph'

/** Microseconds of the bare `run`s that one request of the case needs; see `rawRun`. */
export async function rawRuntimeMicros({ models }: BenchCase): Promise<number> {
  let sum = 0
  for (const use of models) sum += await rawRun(use)
  return sum
}

/** Of one bare `run` of so many rows, median of many calls: tensors stand ready, nothing is read back. */
async function rawRun({ model, rows }: ModelUse): Promise<number> {
  const session = await openGraph(model)
  const feeds = Object.fromEntries(
    session.inputMetadata.map((input) => {
      if (!input.isTensor) throw new Error(`${input.name} is not a tensor`)
      const dims = input.shape.map((dimension, axis) =>
        typeof dimension === 'number' ? dimension : axis === 0 ? rows : LIST,
      )
      const size = dims.reduce((product, dimension) => product * dimension, 1)
      const data = input.type === 'int64' ? new BigInt64Array(size) : new Float32Array(size)
      return [input.name, new Tensor(input.type as 'float32', data as Float32Array, dims)]
    }),
  )
  const samples: number[] = []
  for (let call = 0; call < 2000; call++) {
    const start = performance.now()
    await session.run(feeds)
    samples.push((performance.now() - start) * 1000)
  }
  samples.sort((left, right) => left - right)
  return samples[samples.length >> 1]
}

/** What a member of the example likes on average, for a graph that takes lists. */
const LIST = 50
