import { show } from '../../lib/errors'
import { isMap } from '../../lib/isMap'
import { exactJsonOf, parseExactJson } from '../../workers/protocol/json/exactJson'
import { dataFromJson, dataToJson } from '../../workers/protocol/json/jsonData'
import { noParameters, type Parameters, type ParameterValue } from '../../workers/protocol/parameters'
import {
  type InferRequest,
  type InferResponse,
  type RequestedOutput,
  rawBytes,
  rawData,
  SentTensor,
  sizes,
  type WireTensor,
} from '../../workers/protocol/wireTensor'
import { bad } from '../views/checkRequest'

/**
 * Reads the body of a request: JSON, or with `jsonBytes` JSON of that length and then the binary data of inputs. Without
 * any JSON, it is the data of the only input, and all outputs are wanted in binary. Throws `BAD_REQUEST`; so
 * does whoever asks for the data of an input that does not fit what it says of itself.
 */
export function readHttpRequest(
  model: string,
  version: string,
  body: Buffer,
  jsonBytes: number | undefined,
): InferRequest {
  if (jsonBytes === 0) {
    const parameters = { binary_data_output: true }
    return { model, version, id: '', parameters, inputs: [], outputs: [], raw: body }
  }
  const json = parseExactJson(body.subarray(0, jsonBytes))
  if (!isMap(json)) throw bad(`body: must be an object, got ${show(json)}`)
  const { inputs } = json
  // Clients write null for members that they leave out.
  const id = json['id'] ?? ''
  const outputs = json['outputs'] ?? []
  if (typeof id !== 'string') throw bad(`id: must be text, got ${show(id)}`)
  if (!Array.isArray(inputs)) throw bad(`inputs: must be a list, got ${show(inputs)}`)
  if (!Array.isArray(outputs)) throw bad(`outputs: must be a list, got ${show(outputs)}`)
  const blobs = new Blobs(body, jsonBytes ?? body.length)
  const request = {
    model,
    version,
    id,
    parameters: readParameters('parameters', json['parameters'], 'binary_data_output'),
    inputs: inputs.map((input, at) => readInput(input, at, blobs)),
    outputs: outputs.map(readOutput),
  }
  blobs.checkEnd()
  return request
}

/** The head and body of an answer. With binary outputs, the body is JSON and then their data. */
export interface HttpAnswer {
  readonly contentType: string
  /** The length of the JSON before binary data. */
  readonly jsonBytes: number | undefined
  readonly pieces: readonly Uint8Array[]
}

/** Writes an answer with the outputs in binary that the request wants so. Throws `BAD_REQUEST` as `dataToJson` does. */
export function writeHttpAnswer(request: InferRequest, response: InferResponse): HttpAnswer {
  const { model, version, id, outputs } = response
  const blobs: Uint8Array[] = []
  const tensors = outputs.map((output) => {
    const { name, datatype, shape } = output
    if (!wantsBinary(request, name)) return { name, datatype, shape, data: dataToJson(output) }
    const bytes = rawBytes(output)
    blobs.push(bytes)
    return { name, datatype, shape, parameters: { binary_data_size: bytes.byteLength } }
  })
  const json = Buffer.from(
    exactJsonOf({ model_name: model, model_version: version, ...(id !== '' && { id }), outputs: tensors }),
  )
  return blobs.length === 0
    ? { contentType: 'application/json', jsonBytes: undefined, pieces: [json] }
    : { contentType: 'application/octet-stream', jsonBytes: json.length, pieces: [json, ...blobs] }
}

function wantsBinary({ parameters, outputs }: InferRequest, name: string): boolean {
  const own = outputs.find((output) => output.name === name)?.parameters['binary_data']
  return (own ?? parameters['binary_data_output']) === true
}

/** The binary data after the JSON, taken piece by piece. */
class Blobs {
  constructor(
    private readonly body: Buffer,
    private at: number,
  ) {}

  take(name: string, length: number): Buffer {
    const end = this.at + length
    if (end > this.body.length)
      throw bad(`input ${name}: must have ${length} bytes of binary data, got ${this.body.length - this.at}`)
    const blob = this.body.subarray(this.at, end)
    this.at = end
    return blob
  }

  checkEnd(): void {
    const left = this.body.length - this.at
    if (left > 0) throw bad(`body: must end after the binary data of its inputs, got ${left} bytes more`)
  }
}

function readInput(value: unknown, at: number, blobs: Blobs): WireTensor {
  if (!isMap(value)) throw bad(`inputs.${at}: must be an object, got ${show(value)}`)
  const { name, datatype, shape, data } = value
  if (typeof name !== 'string') throw bad(`inputs.${at}.name: must be text, got ${show(name)}`)
  if (typeof datatype !== 'string') throw bad(`input ${name}: datatype: must be text, got ${show(datatype)}`)
  if (!Array.isArray(shape)) throw bad(`input ${name}: shape: must be a list, got ${show(shape)}`)
  // Sizes beyond the safe range are BigInt.
  const odd = shape.findIndex((size) => typeof size !== 'number')
  if (odd >= 0) throw bad(`input ${name}: shape: must hold ${sizes}, got ${show(shape[odd])}`)
  const parameters = readParameters(`input ${name}: parameters`, value['parameters'])
  const size = parameters['binary_data_size']
  const head = { name, datatype, shape, parameters }
  if (size === undefined)
    return new SentTensor(head, () => dataFromJson(`input ${name}`, datatype, shape, data))
  if (data !== undefined && data !== null)
    throw bad(`input ${name}: must have either data or binary_data_size, got both`)
  if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0)
    throw bad(`input ${name}: binary_data_size: must be a number of bytes, got ${show(size)}`)
  const bytes = blobs.take(name, size)
  return new SentTensor(head, () => rawData(head, bytes))
}

function readOutput(value: unknown, at: number): RequestedOutput {
  if (!isMap(value)) throw bad(`outputs.${at}: must be an object, got ${show(value)}`)
  const { name } = value
  if (typeof name !== 'string') throw bad(`outputs.${at}.name: must be text, got ${show(name)}`)
  return {
    name,
    parameters: readParameters(`output ${name}: parameters`, value['parameters'], 'binary_data'),
  }
}

/** `flag` names one that must be a boolean. */
function readParameters(where: string, value: unknown, flag?: string): Parameters {
  if (value === undefined || value === null) return noParameters
  if (!isMap(value)) throw bad(`${where}: must be an object, got ${show(value)}`)
  for (const [name, one] of Object.entries(value)) {
    // Clients of some servers send a map, which is ignored as it would be over gRPC.
    if (name === 'headers') continue
    if (!['string', 'number', 'boolean', 'bigint'].includes(typeof one))
      throw bad(`${where}.${name}: must be text, a number or a boolean, got ${show(one)}`)
    if (name === flag && typeof one !== 'boolean')
      throw bad(`${where}.${name}: must be true or false, got ${show(one)}`)
  }
  return value as Record<string, ParameterValue>
}
