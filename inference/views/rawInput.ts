import { PresageError } from '../../lib/errors'
import { elementBytes, typeOf } from '../../workers/protocol/datatypes'
import type { TensorMetadata } from '../../workers/protocol/metadata'
import { noParameters } from '../../workers/protocol/parameters'
import { decodeText } from '../../workers/protocol/texts'
import type { WireTensor } from '../../workers/protocol/wireTensor'

/**
 * The input of a request whose body is its data alone. One dimension of any size follows from the number of bytes; if
 * there are two, the first is 1. An input of texts is one text. Throws `BAD_REQUEST`.
 */
export function rawInput(inputs: readonly TensorMetadata[], bytes: Buffer): WireTensor {
  const [input] = inputs
  if (inputs.length !== 1)
    throw bad(`must be for a model with one input, got one with ${inputs.length} inputs`)
  const { name, datatype, shape } = input
  const type = typeOf(datatype)!
  const open = shape.filter((size) => size < 0).length
  const isRow = open === 2 && shape[0] < 0
  if (open > 1 && !isRow)
    throw bad(`must be for an input of at most one unknown size, got [${shape.join(', ')}]`)
  const known = shape.reduce((product, size) => (size < 0 ? product : product * size), 1)
  if (type === 'string') {
    if (known !== 1) throw bad(`must be for one text, got an input of [${shape.join(', ')}]`)
    const ones = shape.map(() => 1)
    return { name, datatype, shape: ones, parameters: noParameters, data: [textIn(bytes)] }
  }
  const rest = bytes.length / (known * elementBytes(type))
  const sizes = shape.map((size, at) => (size >= 0 ? size : isRow && at === 0 ? 1 : rest))
  if (!Number.isInteger(rest) || (open === 0 && rest !== 1))
    throw bad(`must be whole rows of ${datatype} [${shape.join(', ')}], got ${bytes.length} bytes`)
  return { name, datatype, shape: sizes, parameters: noParameters, data: bytes }
}

function textIn(bytes: Buffer): string {
  try {
    return decodeText(bytes, 0)
  } catch (error) {
    throw bad((error as RangeError).message)
  }
}

function bad(message: string): PresageError {
  return new PresageError('BAD_REQUEST', `body without JSON: ${message}`)
}
