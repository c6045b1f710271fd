import { join } from 'node:path'
import { InferenceSession, Tensor } from 'onnxruntime-node'
import { packageRoot } from '../lib/compiled'
import type { BenchCase } from './cases'

/** Microseconds of one bare `run` of the case's rows, median of many calls: tensors stand ready, nothing is read back. */
export async function rawRuntimeMicros(benchCase: BenchCase): Promise<number> {
  const session = await InferenceSession.create(join(packageRoot, benchCase.graph), {
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
  })
  const feeds = Object.fromEntries(
    session.inputMetadata.map((input) => {
      if (!input.isTensor) throw new Error(`${input.name} is not a tensor`)
      const dims = input.shape.map((dimension) =>
        typeof dimension === 'number' ? dimension : benchCase.rows,
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
