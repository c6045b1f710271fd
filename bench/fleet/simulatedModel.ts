import type { Model } from '../../models/contracts/model'
import type { GraphSignature, Tensors } from '../../models/types/tensor'

const mostRows = 10_000
const numbers = new Float32Array(mostRows)

/** A version whose rows are numbers of no meaning: only their count matters to the simulation. */
export function simulatedModel(key: string, maxRows: number): Model {
  const [name, version] = key.split('@')
  return {
    key,
    manifest: { name, version, batching: { maxRows, maxDelayMs: 0 } },
    features: [],
    identity: [],
    preprocess: (_: unknown, rows: number) => tensorsOf('x', rows),
    checkOutputs({ y }: Tensors, rows: number) {
      if (y.dims[0] !== rows) throw new Error(`y: must have ${rows} rows, got ${y.dims[0]}`)
    },
  } as unknown as Model
}

export const signature: GraphSignature = {
  inputs: [{ name: 'x', type: 'float32', shape: [''] }],
  outputs: [{ name: 'y', type: 'float32', shape: [''] }],
}

export function inputsOf(rows: number): Tensors {
  return tensorsOf('x', rows)
}

export function outputsOf(rows: number): Tensors {
  return tensorsOf('y', rows)
}

function tensorsOf(name: string, rows: number): Tensors {
  return { [name]: { type: 'float32', dims: [rows], data: numbers.subarray(0, rows) } }
}
