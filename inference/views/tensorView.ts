import type { GraphSignature, TensorSignature } from '../../models/types/tensor'
import { datatypeOf } from '../../workers/protocol/datatypes'
import type { ModelTensors, TensorMetadata } from '../../workers/protocol/metadata'
import { wireTensor } from '../../workers/protocol/wireTensor'
import { rowSource } from '../tensors/rowSource'
import type { TensorShard, TensorVersion } from '../tensors/tensorShard'
import { checkInputs, checkOutputs, priorityOf } from './checkRequest'
import { joinedOutputs } from './joinedOutputs'
import type { View } from './view'

/** A version's graph: the tensors of its ONNX file. */
export function tensorView(shard: TensorShard, version: TensorVersion, maxRows: number): View {
  const { model, signature, joins } = version
  const { maxRows: batchRows } = model.manifest.batching
  // A request that runs by itself is one batch, however many rows it has.
  const limit =
    joins || batchRows >= maxRows
      ? { maxRows }
      : { maxRows: batchRows, name: `batching.maxRows of ${model.key}, whose requests run one by one` }
  return {
    platform: 'onnx_onnxv1',
    ...tensorsOf(signature),
    async infer({ inputs, outputs, parameters }, deadline, caller) {
      checkInputs(inputs, signature.inputs, limit)
      const wanted = checkOutputs(outputs, signature.outputs)
      const priority = priorityOf(parameters)
      const segments = await shard.submitTensors(model.key, rowSource(inputs), { deadline, priority, caller })
      const tensors = joinedOutputs(segments, wanted)
      return { segments, outputs: wanted.map((name) => wireTensor(name, tensors[name])) }
    },
  }
}

/** A graph's tensors as the protocol tells them. */
export function tensorsOf({ inputs, outputs }: GraphSignature): ModelTensors {
  return { inputs: inputs.map(metadataOf), outputs: outputs.map(metadataOf) }
}

function metadataOf({ name, type, shape }: TensorSignature): TensorMetadata {
  return {
    name,
    datatype: datatypeOf(type),
    shape: shape.map((size) => (typeof size === 'number' ? size : -1)),
  }
}
