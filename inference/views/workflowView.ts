import type { Column } from '../../lib/column'
import { PresageError, show } from '../../lib/errors'
import { readJson } from '../../lib/readJson'
import type { FeatureSpec } from '../../models/contracts/manifest'
import type { OutputSpec } from '../../models/contracts/objective'
import type { Tensor } from '../../models/types/tensor'
import type { ValueType } from '../../models/types/valueType'
import { ModelCalls } from '../../serving/calls/modelCalls'
import { datatypeOf } from '../../workers/protocol/datatypes'
import type { TensorMetadata } from '../../workers/protocol/metadata'
import { plainTensor, type WireTensor, wireTensor } from '../../workers/protocol/wireTensor'
import type { Segment } from '../../workers/shard'
import type { TensorShard, TensorVersion } from '../tensors/tensorShard'
import { bad, checkData, checkOutputs, checkRows, priorityOf } from './checkRequest'
import type { View } from './view'

/**
 * A version's whole workflow: its features in, its outputs out, each a tensor with one element a row. Lists, records and
 * entities are JSON texts. A feature that is nullable or has a default may be left out.
 */
export function workflowView(shard: TensorShard, { model }: TensorVersion, maxRows: number): View {
  const { key, features, outputs } = model
  return {
    platform: 'presage_workflow',
    inputs: features.map(metadataOf),
    outputs: outputs.map(metadataOf),
    async infer(request, deadline, caller) {
      const rows = checkFeatures(request.inputs, features, maxRows)
      const wanted = checkOutputs(request.outputs, outputs)
      const byName = new Map(request.inputs.map((input) => [input.name, input]))
      const raw = features.map((feature) => {
        const input = byName.get(feature.name)
        return input && valuesOf(input, feature)
      })
      const { columns, errors } = model.validate(raw, rows)
      throwFirst(errors)
      const segments: Segment[] = []
      const priority = priorityOf(request.parameters)
      const taker: Pick<TensorShard, 'submit'> = {
        async submit(taken, taking, count, options) {
          const own = await shard.submit(taken, taking, count, { ...options, priority })
          segments.push(...own)
          return own
        },
      }
      const calls = new ModelCalls(model, taker, caller)
      const prediction = await calls.predict(columns, rows, { errors: undefined, wanted, deadline })
      throwFirst(prediction.errors)
      return {
        segments,
        outputs: wanted.map((name) => {
          const { type } = outputs.find((output) => output.name === name)!
          return wireTensor(name, tensorOf(key, name, type, prediction.outputs[name]))
        }),
      }
    },
  }
}

function metadataOf({ name, type }: FeatureSpec | OutputSpec): TensorMetadata {
  return { name, datatype: datatypeOf(elementOf(type)), shape: [-1] }
}

function elementOf({ kind }: ValueType): 'int64' | 'float64' | 'bool' | 'string' {
  if (kind === 'Int') return 'int64'
  if (kind === 'Float') return 'float64'
  return kind === 'Boolean' ? 'bool' : 'string'
}

/** Whether values travel as they are, and not as JSON. */
function isText({ kind }: ValueType): boolean {
  return kind === 'String' || kind === 'ID' || kind === 'enum'
}

/** The number of rows. Throws `BAD_REQUEST`, `TOO_MANY_ROWS`. */
function checkFeatures(
  inputs: readonly WireTensor[],
  features: readonly FeatureSpec[],
  maxRows: number,
): number {
  const rows = inputs[0]?.shape[0]
  for (const [at, input] of inputs.entries()) {
    const feature = features.find(({ name }) => name === input.name)
    if (feature === undefined) {
      const known = features.map(({ name }) => name).join(', ')
      throw bad(`inputs: must be ${known}, got ${show(input.name)}`)
    }
    if (inputs.findIndex(({ name }) => name === input.name) !== at)
      throw bad(`inputs: must hold ${input.name} once`)
    const datatype = datatypeOf(elementOf(feature.type))
    if (input.datatype !== datatype)
      throw bad(`input ${input.name}: datatype: must be ${datatype}, got ${show(input.datatype)}`)
    if (input.shape.length !== 1 || input.shape[0] !== rows)
      throw bad(`input ${input.name}: shape: must be [${rows}], got [${input.shape.join(', ')}]`)
  }
  if (!(rows > 0)) throw bad('inputs: must hold at least one row, got none')
  checkRows(rows, { maxRows })
  checkData(inputs)
  return rows
}

/** A feature's values; validation checks them. */
function valuesOf(input: WireTensor, { name, type }: FeatureSpec): Column {
  const { type: element, data } = plainTensor(input)
  if (element === 'string') {
    return isText(type)
      ? (data as readonly string[])
      : (data as readonly string[]).map((text) => jsonIn(name, text))
  }
  if (element === 'bool') return Array.from(data as Uint8Array, (value) => value !== 0)
  // Whole numbers beyond the safe range stay BigInt, which validation refuses.
  return Array.from<number | bigint>(data as never).map((value) =>
    Number.isSafeInteger(Number(value)) ? Number(value) : typeof value === 'bigint' ? String(value) : value,
  )
}

function jsonIn(name: string, text: string): unknown {
  const value = readJson(text)
  if (value === undefined) throw bad(`input ${name}: data: must be texts of JSON, got ${show(text)}`)
  return value
}

function tensorOf(key: string, name: string, type: ValueType, column: Column): Tensor {
  const dims = [column.length]
  switch (elementOf(type)) {
    case 'int64':
      return { type: 'int64', dims, data: BigInt64Array.from(column as number[], BigInt) }
    case 'float64':
      return { type: 'float64', dims, data: Float64Array.from(column as number[]) }
    case 'bool':
      return { type: 'bool', dims, data: Uint8Array.from(column as boolean[], Number) }
    case 'string': {
      const texts = isText(type) ? column.map(String) : column.map((value) => JSON.stringify(value))
      if (texts.some((text) => text === undefined))
        throw new PresageError('BAD_OUTPUT', `${key}: output ${name} must have a value for each row`)
      return { type: 'string', dims, data: texts }
    }
  }
}

function throwFirst(errors: readonly (PresageError | undefined)[] | undefined): void {
  const row = errors?.findIndex((error) => error !== undefined) ?? -1
  const error = errors?.[row]
  if (error !== undefined) throw new PresageError(error.code, `row ${row}: ${error.message}`, error.details)
}
