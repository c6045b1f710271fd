import { column, constant, field, int, int64Type, ints, message, model, node } from './onnxMessages'

/**
 * An ONNX graph that answers each row of `x` with itself, and takes as many MiB for that as the largest of them says:
 * y = x + ReduceSum(ConstantOfShape(Cast(ReduceMax(x) * 2^18))), in floats of four bytes.
 */
export function allocatingGraph(): Buffer {
  const graph = message(
    field(1, node('ReduceMax', ['x'], 'most', [ints('axes', [0]), int('keepdims', 0)])),
    field(1, node('Mul', ['most', 'perMiB'], 'count')),
    field(1, node('Cast', ['count'], 'shape', [int('to', int64Type)])),
    field(1, node('ConstantOfShape', ['shape'], 'zeros')),
    field(1, node('ReduceSum', ['zeros'], 'nothing', [int('keepdims', 0)])),
    field(1, node('Add', ['x', 'nothing'], 'y')),
    field(2, 'allocating'),
    field(5, constant('perMiB', 2 ** 18)),
    field(11, column('x')),
    field(12, column('y')),
  )
  return model(graph)
}
