import { PresageError, show } from '../../../lib/errors'
import { createData } from '../../../models/types/elementType'
import type { TensorType } from '../../../models/types/tensor'
import { bytesOf, dataOf, elementCount, typeOf } from '../datatypes'
import type { WireTensor } from '../wireTensor'

/**
 * The elements of a JSON tensor, named by `where`: one list of all, or lists nested as the shape says. Throws `BAD_REQUEST` for anything
 * else, and for values that do not fit the datatype.
 */
export function dataFromJson(
  where: string,
  datatype: string,
  shape: readonly number[],
  value: unknown,
): WireTensor['data'] {
  const type = typeOf(datatype)
  if (type === undefined)
    throw bad(where, `datatype: must be one that models take in JSON, got ${show(datatype)}`)
  if (!Array.isArray(value)) throw bad(where, `data: must be a list, got ${show(value)}`)
  const isNested = shape.length > 1 && Array.isArray(value[0])
  const flat = isNested ? flattened(where, value, shape, 0) : value
  const count = elementCount(shape)
  if (flat.length !== count)
    throw bad(where, `data: must hold ${count} elements for [${shape.join(', ')}], got ${flat.length}`)
  return type === 'string' ? texts(where, flat) : numbers(where, datatype, type, flat)
}

/** An output's elements for JSON, in one list. Throws `BAD_REQUEST` for numbers that JSON does not have. */
export function dataToJson({ name, datatype, shape, data }: WireTensor): readonly unknown[] {
  if (!(data instanceof Uint8Array)) return data as readonly string[]
  if (elementCount(shape) === 0) return []
  const elements = Array.from<number | bigint>(dataOf(typeOf(datatype) as TensorType, data))
  if (datatype === 'BOOL') return elements.map((element) => element !== 0)
  if (elements.some((element) => typeof element === 'number' && !Number.isFinite(element)))
    throw new PresageError(
      'BAD_REQUEST',
      `output ${name}: holds a number that JSON does not have; ask for binary_data`,
    )
  return elements
}

/** Checks each level as it goes, so that nothing nests deeper than the shape. */
function flattened(where: string, value: unknown, shape: readonly number[], level: number): unknown[] {
  if (!Array.isArray(value) || value.length !== shape[level])
    throw bad(
      where,
      `data: must be nested as [${shape.join(', ')}], got ${Array.isArray(value) ? `a list of ${value.length}` : show(value)}`,
    )
  if (level === shape.length - 1) return value
  return value.flatMap((one) => flattened(where, one, shape, level + 1))
}

function texts(where: string, values: readonly unknown[]): readonly string[] {
  const odd = values.find((value) => typeof value !== 'string')
  if (odd !== undefined) throw bad(where, `data: must hold texts, got ${show(odd)}`)
  return values as readonly string[]
}

function numbers(where: string, datatype: string, type: TensorType, values: readonly unknown[]): Uint8Array {
  const data = createData(type, values.length)
  const isBig = type === 'int64' || type === 'uint64'
  for (let at = 0; at < values.length; at++) {
    const value = values[at]
    const fits =
      datatype === 'BOOL'
        ? typeof value === 'boolean' || value === 0 || value === 1
        : typeof value === 'number' || typeof value === 'bigint'
    if (!fits) throw bad(where, `data: must hold values of ${datatype}, got ${show(value)}`)
    const element = isBig ? wholeOf(value as number | bigint) : Number(value)
    if (element !== undefined) data[at] = element as never
    const isFloat = type === 'float32' || type === 'float64'
    const isKept = isFloat ? Number.isFinite(data[at] as number) : data[at] === element
    if (!isKept) throw bad(where, `data: must fit ${datatype}, got ${show(value)}`)
  }
  return bytesOf(data)
}

function wholeOf(value: number | bigint): bigint | undefined {
  if (typeof value === 'bigint') return value
  return Number.isInteger(value) ? BigInt(value) : undefined
}

function bad(where: string, message: string): PresageError {
  return new PresageError('BAD_REQUEST', `${where}: ${message}`)
}
