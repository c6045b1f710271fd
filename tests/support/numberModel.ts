import type { Column } from '../../lib/column'
import { PresageError } from '../../lib/errors'
import type { Model } from '../../models/contracts/model'

/** A model of one feature `x` and one output `y`, as the workers' room sees it: no validate, no postprocess. */
export function numberModel(
  key = 'number@1',
  options: { maxRows?: number; maxDelayMs?: number; preprocess?: (columns: readonly Column[]) => void } = {},
): Model {
  const [name, version] = key.split('@')
  const { maxRows = 4, maxDelayMs = 0 } = options
  return {
    key,
    manifest: {
      name,
      version,
      key,
      serves: [],
      platform: 'onnx',
      graph: { file: 'model.onnx', bytes: 0, sha256: '' },
      vocabularies: {},
      features: [],
      preprocess: {},
      postprocess: {},
      batching: { maxRows, maxDelayMs },
      warmUp: [],
    },
    features: [{ name: 'x', input: 'x', type: { kind: 'Float' }, nullable: false, onNull: 'error' }],
    identity: [0],
    samples: {},
    outputs: [],
    validate: () => {
      throw new Error('workers never validate')
    },
    preprocess([x], rows) {
      options.preprocess?.([x])
      return { x: { type: 'float32', dims: [rows], data: Float32Array.from(x as number[]) } }
    },
    checkOutputs(tensors, rows) {
      const [got] = tensors.y.dims
      if (got !== rows)
        throw new PresageError('MODEL_OUTPUT_SHAPE', `${key}: y: expected ${rows} rows, got ${got}`)
    },
    postprocess: () => {
      throw new Error('workers never postprocess')
    },
  }
}
