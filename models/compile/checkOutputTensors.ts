import { PresageError } from '../../lib/errors'
import type { TensorSignature, Tensors } from '../types/tensor'

/**
 * Throws `MODEL_OUTPUT_SHAPE` unless every output of the graph has its type and rank, and one row per row of the batch.
 * Otherwise answers could silently move to other rows.
 */
export function checkOutputTensors(
  key: string,
  signatures: readonly TensorSignature[],
  tensors: Tensors,
  rows: number,
): void {
  for (const { name, type, shape } of signatures) {
    const tensor = Object.hasOwn(tensors, name) ? tensors[name] : undefined
    if (tensor === undefined) throw wrongShape(key, name, 'must be there', 'nothing')
    if (tensor.type !== type) throw wrongShape(key, name, `must be ${type}`, tensor.type)
    const got = `[${tensor.dims.join(', ')}]`
    if (tensor.dims.length !== shape.length)
      throw wrongShape(key, name, `must have ${shape.length} dimensions`, got)
    if (tensor.dims[0] !== rows) throw wrongShape(key, name, `must have ${rows} rows`, got)
    for (let at = 1; at < shape.length; at++) {
      if (typeof shape[at] === 'number' && tensor.dims[at] !== shape[at]) {
        throw wrongShape(key, name, `must be ${shape[at]} wide`, got)
      }
    }
    const size = tensor.dims.reduce((product, dimension) => product * dimension, 1)
    if (tensor.data.length !== size)
      throw wrongShape(key, name, `must hold ${size} values`, `${tensor.data.length}`)
  }
}

function wrongShape(key: string, output: string, expectation: string, got: string): PresageError {
  return new PresageError(
    'MODEL_OUTPUT_SHAPE',
    `${key}: output ${output} of the graph: ${expectation}, got ${got}`,
    {
      model: key,
    },
  )
}
