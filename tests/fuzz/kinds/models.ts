import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { systemClock } from '../../../lib/clock'
import { packageRoot } from '../../../lib/packagePaths'
import { createData } from '../../../models/types/elementType'
import type { Tensor, TensorSignature, TensorType } from '../../../models/types/tensor'
import { startProcessWorker } from '../../../workers/process/processWorker'
import type { Worker } from '../../../workers/runtime/worker'
import { WorkerLost } from '../../../workers/runtime/workerLost'
import { editedBytes } from '../inputs/editedBytes'
import { editedMessage } from '../inputs/editedMessage'
import { type Kind, kindOf, type Outcome } from './kind'

/**
 * Graph files with changed bytes, opened and run by the real runtime in a worker that is a process: it may abort the
 * process or never come back, and then the worker has to be lost in time.
 */
export async function startModels(): Promise<Kind> {
  const folder = mkdtempSync(join(tmpdir(), 'presage-fuzz-models-'))
  const path = join(folder, 'model.onnx')
  const roots = ['examples', 'tests/fixtures'].map((root) => join(packageRoot, root))
  const graphs = roots
    .flatMap((root) =>
      readdirSync(root, { recursive: true, encoding: 'utf8' }).map((file) => join(root, file)),
    )
    .filter((file) => file.endsWith('.onnx'))
    .sort()
    .map((file) => readFileSync(file))
    .filter((bytes) => bytes.length < 50_000)
  const source = fc.constantFrom(...graphs)
  let worker: Worker | undefined
  const feed = async (bytes: Buffer): Promise<Outcome> => {
    writeFileSync(path, bytes)
    worker ??= await startProcessWorker('fuzzed', { stallAfterMs, clock: systemClock })
    try {
      const { inputs } = await worker.load(key, path)
      const tensors = inputs.map((input) => [input.name, tensorOf(input)] as const)
      await worker.infer(key, Object.fromEntries(tensors))
    } catch (error) {
      if (!(error instanceof Error) || error.message === '') throw error
      if (error.message.includes(folder)) throw new Error(`tells the folder: ${error.message}`)
      if (error instanceof WorkerLost) worker = undefined
      return 'refused'
    } finally {
      worker?.unload?.(key)
    }
    return 'taken'
  }
  return kindOf({
    inputs: fc.oneof(
      { weight: 1, arbitrary: editedBytes(source) },
      { weight: 4, arbitrary: editedMessage(source) },
    ),
    feed,
    show: (bytes) => bytes.toString('base64').slice(0, 20_000),
    limitMs: 15_000,
    async close() {
      await worker?.dispose()
      rmSync(folder, { recursive: true })
    },
  })
}

const key = 'fuzzed@1'
/** For a run. Loading may take thirty times as long. */
const stallAfterMs = 400
/** More than any dimension of the models that are changed here. */
const maxLength = 10_000

/** Two rows of ones. */
function tensorOf({ type, shape }: TensorSignature): Tensor {
  const dims = shape.map((dimension) => (typeof dimension === 'number' ? dimension : 2))
  const length = dims.reduce((product, dimension) => product * dimension, 1)
  if (!(length >= 0 && length <= maxLength)) throw new Error('too long a tensor to feed')
  const data = createData(type as TensorType, length)
  data.fill((data instanceof BigInt64Array || data instanceof BigUint64Array ? 1n : 1) as never)
  return { type: type as TensorType, dims, data }
}
