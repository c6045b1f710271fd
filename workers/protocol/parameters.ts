import type { Entries } from './entries'
import type { ProtoReader } from './protoReader'
import { ProtoWriter } from './protoWriter'

/** Parameters of a request, an input, an output or an answer. Whole numbers beyond the safe range are BigInt. */
export type Parameters = Readonly<Record<string, ParameterValue>>

export type ParameterValue = string | number | boolean | bigint

export const noParameters: Parameters = Object.freeze({})

/** Of a request for inference: the client for whom a gateway sends it. */
export const clientParameter = 'presage_client'

/** Reads one entry of a map of parameters into `target`. */
export function readParameter(
  entry: ProtoReader,
  target: Record<string, ParameterValue>,
  entries: Entries,
): void {
  entries.count()
  let name = ''
  let value: ParameterValue | undefined
  while (entry.next()) {
    if (entry.field === 1) name = entry.text()
    else if (entry.field === 2) value = readValue(entry.message())
    else entry.skip()
  }
  if (value !== undefined) define(target, name, value)
}

/** Writes a map of parameters as `field`. */
export function writeParameters(writer: ProtoWriter, field: number, parameters: Parameters): void {
  for (const [name, value] of Object.entries(parameters)) {
    const entry = new ProtoWriter()
    entry.text(1, name)
    const choice = new ProtoWriter()
    if (typeof value === 'boolean') choice.bool(1, value)
    else if (typeof value === 'string') choice.bytes(3, Buffer.from(value))
    else if (typeof value === 'bigint' || Number.isSafeInteger(value)) choice.int64(2, BigInt(value))
    else choice.double(4, value)
    entry.message(2, choice)
    writer.message(field, entry)
  }
}

function readValue(choice: ProtoReader): ParameterValue | undefined {
  let value: ParameterValue | undefined
  while (choice.next()) {
    if (choice.field === 1) value = choice.uint() !== 0
    else if (choice.field === 2) value = plain(choice.int64())
    else if (choice.field === 3) value = choice.text()
    else if (choice.field === 4) value = choice.double()
    else if (choice.field === 5) value = plain(choice.uint64())
    else choice.skip()
  }
  return value
}

function plain(value: bigint): number | bigint {
  const number = Number(value)
  return Number.isSafeInteger(number) ? number : value
}

/** A name such as __proto__ must become a key like any other. */
function define(target: Record<string, ParameterValue>, name: string, value: ParameterValue): void {
  Object.defineProperty(target, name, { value, enumerable: true, configurable: true, writable: true })
}
