import { PresageError, show } from '../../lib/errors'
import type { TensorSignature } from '../../models/types/tensor'
import { textFault } from '../../models/types/textFault'
import { datatypeOf } from '../../workers/protocol/datatypes'
import type { Parameters, ParameterValue } from '../../workers/protocol/parameters'
import {
  type InferRequest,
  type RequestedOutput,
  tensorFault,
  type WireTensor,
} from '../../workers/protocol/wireTensor'

/**
 * Refuses parameters of extensions that are not served and would change the answer. Throws `NOT_SUPPORTED`, and
 * `BAD_REQUEST` for a `timeout` or `priority` that is not one.
 */
export function checkParameters({ parameters, inputs, outputs }: InferRequest): void {
  refuseUnsupported('parameters', parameters)
  for (const { name, parameters: own } of inputs) refuseUnsupported(`input ${name}: parameters`, own)
  for (const { name, parameters: own } of outputs) refuseUnsupported(`output ${name}: parameters`, own)
  const timeout = parameters['timeout'] ?? 0
  if (!isFromZero(timeout))
    throw bad(`parameters.timeout: must be a number of microseconds from 0 on, got ${show(timeout)}`)
  const priority = parameters['priority'] ?? 0
  if (!isFromZero(priority) || !Number.isInteger(Number(priority)))
    throw bad(`parameters.priority: must be a whole number from 0 on, got ${show(priority)}`)
}

function isFromZero(value: ParameterValue): boolean {
  return (typeof value === 'number' || typeof value === 'bigint') && value >= 0
}

/** For the queue; undefined for 0, which is the default. */
export function priorityOf(parameters: Parameters): number | undefined {
  return Number(parameters['priority'] ?? 0) || undefined
}

const unsupported = /^(sequence_(id|start|end)|shared_memory_.*|classification)$/

function refuseUnsupported(where: string, parameters: Parameters): void {
  for (const name in parameters) {
    if (unsupported.test(name) && parameters[name] !== 0 && parameters[name] !== false)
      throw new PresageError('NOT_SUPPORTED', `${where}.${name}: is not supported`)
  }
}

/**
 * Checks that the inputs are those of the graph, whole, and have the same number of rows, within the limit. Throws
 * `BAD_REQUEST`, `TOO_MANY_ROWS`.
 */
export function checkInputs(
  inputs: readonly WireTensor[],
  signatures: readonly TensorSignature[],
  limit: RowLimit,
): void {
  for (const { name } of signatures) {
    const count = inputs.filter((input) => input.name === name).length
    if (count !== 1) throw bad(`inputs: must hold ${name} once, got it ${count} times`)
  }
  const rows = inputs[0]?.shape[0]
  for (const input of inputs) {
    const signature = signatures.find(({ name }) => name === input.name)
    if (signature === undefined) {
      const known = signatures.map(({ name }) => name).join(', ')
      throw bad(`inputs: must be ${known}, got ${show(input.name)}`)
    }
    const fault = signatureFault(input, signature)
    if (fault !== undefined) throw bad(`input ${input.name}: ${fault}`)
    if (input.shape[0] !== rows)
      throw bad(
        `input ${input.name}: shape: must have ${rows} rows as ${inputs[0].name} has, got ${input.shape[0]}`,
      )
  }
  if (rows === 0) throw bad(`input ${inputs[0].name}: shape: must have at least one row, got 0`)
  checkRows(rows, limit)
  checkData(inputs)
  for (const input of inputs) checkTexts(input)
}

/** Reads the data of inputs of which all else fits. Throws `BAD_REQUEST`. */
export function checkData(inputs: readonly WireTensor[]): void {
  for (const input of inputs) {
    const fault = tensorFault(input)
    if (fault !== undefined) throw bad(`input ${input.name}: ${fault}`)
  }
}

/** Of a workflow's inputs, its steps check the texts that come into tensors. Throws `BAD_REQUEST`. */
function checkTexts({ name, data }: WireTensor): void {
  if (data instanceof Uint8Array) return
  for (let at = 0; at < data.length; at++) {
    const fault = textFault(data[at])
    if (fault !== undefined) throw bad(`input ${name}: data: element ${at} ${fault}, got ${show(data[at])}`)
  }
}

export interface RowLimit {
  readonly maxRows: number
  /** What sets it, if not `limits.predictionRows`. */
  readonly name?: string
}

/** Throws `TOO_MANY_ROWS`. */
export function checkRows(rows: number, { maxRows, name }: RowLimit): void {
  if (rows <= maxRows) return
  const by = name === undefined ? '' : ` (${name})`
  throw new PresageError('TOO_MANY_ROWS', `a request may have at most ${maxRows} rows${by}, got ${rows}`, {
    maxRows,
  })
}

/**
 * The names of the outputs that a request wants. Throws `BAD_REQUEST` for one that there is not, and for one that is
 * named twice: a short request could otherwise ask for an answer of any length.
 */
export function checkOutputs(
  outputs: readonly RequestedOutput[],
  signatures: readonly { readonly name: string }[],
): readonly string[] {
  const known = signatures.map(({ name }) => name)
  if (outputs.length === 0) return known
  const wanted = new Set<string>()
  for (const { name } of outputs) {
    if (!known.includes(name)) throw bad(`outputs: must be ${known.join(', ')}, got ${show(name)}`)
    if (wanted.has(name)) throw bad(`outputs: must name each once, got ${show(name)} again`)
    wanted.add(name)
  }
  return [...wanted]
}

function signatureFault({ datatype, shape }: WireTensor, signature: TensorSignature): string | undefined {
  const expected = datatypeOf(signature.type)
  if (datatype !== expected) return `datatype: must be ${expected}, got ${show(datatype)}`
  const fits =
    shape.length === signature.shape.length &&
    shape.every((size, at) => typeof signature.shape[at] !== 'number' || signature.shape[at] === size)
  if (fits) return undefined
  const text = signature.shape.map((size) => (typeof size === 'number' ? size : -1)).join(', ')
  return `shape: must be [${text}], got [${shape.join(', ')}]`
}

export function bad(message: string): PresageError {
  return new PresageError('BAD_REQUEST', message)
}
