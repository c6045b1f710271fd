export const floatType = 1
export const int64Type = 7
export const boolType = 9

export function node(
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

export function int(name: string, value: number): Buffer {
  return message(field(1, name), field(3, value), field(20, 2))
}

export function ints(name: string, values: readonly number[]): Buffer {
  return message(field(1, name), ...values.map((value) => field(8, value)), field(20, 7))
}

/** Values, by default floats, of the shape [rows, 1]. */
export function column(name: string, type = floatType): Buffer {
  const shape = message(field(1, message(field(2, 'rows'))), field(1, message(field(1, 1))))
  return message(field(1, name), field(2, message(field(1, message(field(1, type), field(2, shape))))))
}

/** Protocol Buffers: a field is its number and kind, then its value. */
export function field(number: number, value: number | string | Buffer): Buffer {
  if (typeof value === 'number') return Buffer.concat([varint(number << 3), varint(value)])
  const bytes = Buffer.from(value)
  return Buffer.concat([varint((number << 3) | 2), varint(bytes.length), bytes])
}

export function message(...fields: readonly Buffer[]): Buffer {
  return Buffer.concat(fields)
}

function varint(value: number): Buffer {
  const bytes: number[] = []
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return Buffer.from([...bytes, rest])
    bytes.push((rest % 128) | 128)
  }
}

/** An attribute that is a graph. */
export function body(name: string, graph: Buffer): Buffer {
  return message(field(1, name), field(6, graph), field(20, 5))
}

/** An input or output that is one value. */
export function scalar(name: string, type: number): Buffer {
  return message(
    field(1, name),
    field(2, message(field(1, message(field(1, type), field(2, Buffer.alloc(0)))))),
  )
}

/** A constant of one float. */
export function constant(name: string, value: number): Buffer {
  const bytes = Buffer.from(new Float32Array([value]).buffer)
  return message(field(1, 1), field(2, floatType), field(8, name), field(9, bytes))
}

/** A model of opset 13. */
export function model(graph: Buffer): Buffer {
  return message(field(1, 8), field(7, graph), field(8, message(field(1, ''), field(2, 13))))
}
