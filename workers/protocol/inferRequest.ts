import { contentsData, hasElements } from './contents'
import { Entries } from './entries'
import { noParameters, type ParameterValue, readParameter, writeParameters } from './parameters'
import { ProtoReader } from './protoReader'
import { ProtoWriter } from './protoWriter'
import {
  type InferRequest,
  type RequestedOutput,
  rawBytes,
  rawData,
  SentTensor,
  type WireTensor,
} from './wireTensor'

/** A ModelInferRequest, and whether its tensors came as raw contents, so that the answer's should too. */
export interface GrpcInferRequest extends InferRequest {
  readonly isRaw: boolean
}

/** Writes a ModelInferRequest with raw contents. Copies each tensor once. */
export function encodeInferRequest(request: InferRequest): Buffer {
  const { inputs, outputs } = request
  const writer = writeHead(request)
  for (const input of inputs) writer.message(5, writeTensor(input))
  for (const { name, parameters: own } of outputs) {
    const output = new ProtoWriter()
    output.text(1, name)
    writeParameters(output, 2, own)
    writer.message(6, output)
  }
  for (const input of inputs) writer.bytes(7, rawBytes(input))
  return writer.finish()
}

/**
 * Raw contents become views on `bytes`. Throws a RangeError for anything but a ModelInferRequest; so does whoever asks for
 * the data of a tensor that does not fit what it says of itself.
 */
export function decodeInferRequest(bytes: Buffer): GrpcInferRequest {
  const outputs: RequestedOutput[] = []
  const raw: Buffer[] = []
  const { head, tensors } = readMessage(bytes, (reader, entries) => {
    if (reader.field === 6) outputs.push(readRequestedOutput(reader.message(), entries))
    else if (reader.field === 7) raw.push(reader.bytes())
    else reader.skip()
  })
  return { ...head, inputs: withData(tensors, raw), outputs, isRaw: raw.length > 0 }
}

/** What stands before the tensors of a ModelInferRequest and a ModelInferResponse, in the same fields. */
type MessageHead = Pick<InferRequest, 'model' | 'version' | 'id' | 'parameters'>

/** Begins a message. */
export function writeHead({ model, version, id, parameters }: MessageHead): ProtoWriter {
  const writer = new ProtoWriter()
  writer.text(1, model)
  writer.text(2, version)
  writer.text(3, id)
  writeParameters(writer, 4, parameters)
  return writer
}

/** An InferInputTensor or InferOutputTensor, which have the same fields, without its contents. */
export function writeTensor({ name, datatype, shape, parameters }: WireTensor): ProtoWriter {
  const tensor = new ProtoWriter()
  tensor.text(1, name)
  tensor.text(2, datatype)
  tensor.shape(3, shape)
  writeParameters(tensor, 4, parameters)
  return tensor
}

/** Reads a message up to its tensors; `readOther` takes each other field, which is counted. */
export function readMessage(
  bytes: Buffer,
  readOther: (reader: ProtoReader, entries: Entries) => void,
): { readonly head: MessageHead; readonly tensors: readonly Declared[] } {
  const entries = new Entries()
  const reader = new ProtoReader(bytes)
  let model = ''
  let version = ''
  let id = ''
  const parameters: Record<string, ParameterValue> = {}
  const tensors: Declared[] = []
  while (reader.next()) {
    if (reader.field === 1) model = reader.text()
    else if (reader.field === 2) version = reader.text()
    else if (reader.field === 3) id = reader.text()
    else if (reader.field === 4) readParameter(reader.message(), parameters, entries)
    else if (reader.field === 5) tensors.push(readTensor(reader.message(), entries))
    else {
      entries.count()
      readOther(reader, entries)
    }
  }
  return { head: { model, version, id, parameters }, tensors }
}

/** A tensor as it is declared, before its data is read. */
interface Declared {
  readonly head: Omit<WireTensor, 'data'>
  readonly contents: ProtoReader | undefined
}

function readTensor(message: ProtoReader, entries: Entries): Declared {
  entries.count()
  let name = ''
  let datatype = ''
  const shape: number[] = []
  let parameters: Record<string, ParameterValue> | undefined
  let contents: ProtoReader | undefined
  while (message.next()) {
    if (message.field === 1) name = message.text()
    else if (message.field === 2) datatype = message.text()
    else if (message.field === 3) {
      const sizes = message.content()
      while (!sizes.isAtEnd) {
        entries.count()
        shape.push(Number(sizes.int64()))
      }
    } else if (message.field === 4) {
      parameters ??= {}
      readParameter(message.message(), parameters, entries)
    } else if (message.field === 5) contents = message.message()
    else message.skip()
  }
  return { head: { name, datatype, shape, parameters: parameters ?? noParameters }, contents }
}

/** Gives each tensor its raw contents if there are any, else its own. Throws a RangeError if they are not as many. */
export function withData(declared: readonly Declared[], raw: readonly Buffer[]): readonly WireTensor[] {
  if (raw.length > 0 && raw.length !== declared.length)
    throw new RangeError(`raw contents must be one for each of ${declared.length} tensors, got ${raw.length}`)
  return declared.map(({ head, contents }, at) => {
    if (raw.length === 0) return new SentTensor(head, () => contentsData(head, contents))
    // Some servers write empty ones.
    if (contents !== undefined && hasElements(contents))
      throw new RangeError(`${head.name}: must have no contents beside raw contents`)
    return new SentTensor(head, () => rawData(head, raw[at]))
  })
}

function readRequestedOutput(message: ProtoReader, entries: Entries): RequestedOutput {
  let name = ''
  const parameters: Record<string, ParameterValue> = {}
  while (message.next()) {
    if (message.field === 1) name = message.text()
    else if (message.field === 2) readParameter(message.message(), parameters, entries)
    else message.skip()
  }
  return { name, parameters }
}
