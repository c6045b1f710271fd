import { contentsMessage } from './contents'
import { readMessage, withData, writeHead, writeTensor } from './inferRequest'
import { type InferResponse, rawBytes, type WireTensor } from './wireTensor'

/** Writes a ModelInferResponse, with raw contents or with typed ones. Copies each tensor once. */
export function encodeInferResponse(response: InferResponse, isRaw: boolean): Buffer {
  const { outputs } = response
  const writer = writeHead(response)
  for (const tensor of outputs) {
    const output = writeTensor(tensor)
    if (!isRaw) output.message(5, contentsMessage(tensor))
    writer.message(5, output)
  }
  if (isRaw) for (const tensor of outputs) writer.bytes(6, rawBytes(tensor))
  return writer.finish()
}

/** Reads the data at once: answers are checked elsewhere, where a RangeError would be nobody's. */
function readTensorData(tensor: WireTensor): WireTensor {
  const { name, datatype, shape, parameters } = tensor
  try {
    return { name, datatype, shape, parameters, data: tensor.data }
  } catch (error) {
    throw error instanceof RangeError ? new RangeError(`${name}: ${error.message}`) : error
  }
}

/** Reads a ModelInferResponse. Raw contents become views on `bytes`. Throws a RangeError if it is not one. */
export function decodeInferResponse(bytes: Buffer): InferResponse {
  const raw: Buffer[] = []
  const { head, tensors } = readMessage(bytes, (reader) => {
    if (reader.field === 6) raw.push(reader.bytes())
    else reader.skip()
  })
  return { ...head, outputs: withData(tensors, raw).map(readTensorData) }
}
