import { contentsMessage } from './contents'
import { type Declared, readTensor, withData } from './inferRequest'
import { type ParameterValue, readParameter, writeParameters } from './parameters'
import { ProtoReader } from './protoReader'
import { ProtoWriter } from './protoWriter'
import { type InferResponse, rawBytes } from './wireTensor'

/** Writes a ModelInferResponse, with raw contents or with typed ones. Copies each tensor once. */
export function encodeInferResponse(response: InferResponse, isRaw: boolean): Buffer {
  const { model, version, id, parameters, outputs } = response
  const writer = new ProtoWriter()
  writer.text(1, model)
  writer.text(2, version)
  writer.text(3, id)
  writeParameters(writer, 4, parameters)
  for (const tensor of outputs) {
    const output = new ProtoWriter()
    output.text(1, tensor.name)
    output.text(2, tensor.datatype)
    output.shape(3, tensor.shape)
    writeParameters(output, 4, tensor.parameters)
    if (!isRaw) output.message(5, contentsMessage(tensor))
    writer.message(5, output)
  }
  if (isRaw) for (const tensor of outputs) writer.bytes(6, rawBytes(tensor))
  return writer.finish()
}

/** Reads a ModelInferResponse. Raw contents become views on `bytes`. Throws a RangeError if it is not one. */
export function decodeInferResponse(bytes: Buffer): InferResponse {
  const reader = new ProtoReader(bytes)
  let model = ''
  let version = ''
  let id = ''
  const parameters: Record<string, ParameterValue> = {}
  const outputs: Declared[] = []
  const raw: Buffer[] = []
  while (reader.next()) {
    if (reader.field === 1) model = reader.text()
    else if (reader.field === 2) version = reader.text()
    else if (reader.field === 3) id = reader.text()
    else if (reader.field === 4) readParameter(reader.message(), parameters)
    else if (reader.field === 5) outputs.push(readTensor(reader.message()))
    else if (reader.field === 6) raw.push(reader.bytes())
    else reader.skip()
  }
  return { model, version, id, parameters, outputs: withData(outputs, raw) }
}
