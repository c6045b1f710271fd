/**
 * An ONNX graph that answers each row of `x` with itself, and takes as many MiB for that as the largest of them says:
 * y = x + ReduceSum(ConstantOfShape(Cast(ReduceMax(x) * 2^18))), in floats of four bytes.
 */
export function allocatingGraph(): Buffer {
  const floatsPerMiB = message(
    field(1, 1),
    field(2, floatType),
    field(8, 'perMiB'),
    field(9, Buffer.from(new Float32Array([2 ** 18]).buffer)),
  )
  const graph = message(
    field(1, node('ReduceMax', ['x'], 'most', [ints('axes', [0]), int('keepdims', 0)])),
    field(1, node('Mul', ['most', 'perMiB'], 'count')),
    field(1, node('Cast', ['count'], 'shape', [int('to', int64Type)])),
    field(1, node('ConstantOfShape', ['shape'], 'zeros')),
    field(1, node('ReduceSum', ['zeros'], 'nothing', [int('keepdims', 0)])),
    field(1, node('Add', ['x', 'nothing'], 'y')),
    field(2, 'allocating'),
    field(5, floatsPerMiB),
    field(11, column('x')),
    field(12, column('y')),
  )
  return message(field(1, 8), field(7, graph), field(8, message(field(1, ''), field(2, 13))))
}

const floatType = 1
const int64Type = 7

function node(
  type: string,
  inputs: readonly string[],
  output: string,
  attributes: readonly Buffer[] = [],
): Buffer {
  return message(
    ...inputs.map((input) => field(1, input)),
    field(2, output),
    field(4, type),
    ...attributes.map((attribute) => field(5, attribute)),
  )
}

function int(name: string, value: number): Buffer {
  return message(field(1, name), field(3, value), field(20, 2))
}

function ints(name: string, values: readonly number[]): Buffer {
  return message(field(1, name), ...values.map((value) => field(8, value)), field(20, 7))
}

/** Floats of the shape [rows, 1]. */
function column(name: string): Buffer {
  const shape = message(field(1, message(field(2, 'rows'))), field(1, message(field(1, 1))))
  return message(field(1, name), field(2, message(field(1, message(field(1, floatType), field(2, shape))))))
}

/** Protocol Buffers: a field is its number and kind, then its value. */
function field(number: number, value: number | string | Buffer): Buffer {
  if (typeof value === 'number') return Buffer.concat([varint(number << 3), varint(value)])
  const bytes = Buffer.from(value)
  return Buffer.concat([varint((number << 3) | 2), varint(bytes.length), bytes])
}

function message(...fields: readonly Buffer[]): Buffer {
  return Buffer.concat(fields)
}

function varint(value: number): Buffer {
  const bytes: number[] = []
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return Buffer.from([...bytes, rest])
    bytes.push((rest % 128) | 128)
  }
}
