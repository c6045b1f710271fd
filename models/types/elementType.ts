import { types } from 'node:util'
import { invariant } from '../../lib/invariant'
import type { TensorData, TensorType } from './tensor'

/** The typed arrays that plain numbers can be written to. */
export type NumberArray = Exclude<TensorData, BigInt64Array | BigUint64Array>

interface ElementType {
  /** Creates the typed array that holds it. */
  readonly create: (length: number) => TensorData
  /** The lowest and highest whole number that it holds exactly; undefined for floating point. */
  readonly whole?: readonly [number, number]
}

const safe = Number.MAX_SAFE_INTEGER

/** The whole numbers that a number holds exactly, for messages. */
export const safeRange = 'from -(2^53 - 1) to 2^53 - 1'

/** The highest number that rounds to a finite float32: just below half a step above the highest float32. */
export const float32Highest = 2 ** 128 - 2 ** 103 - 2 ** 75

/** Every element type of tensors. Whole numbers are limited to those that a JavaScript number holds exactly. */
const elementTypes: Readonly<Record<TensorType, ElementType>> = {
  float32: { create: (length) => new Float32Array(length) },
  float64: { create: (length) => new Float64Array(length) },
  int8: { create: (length) => new Int8Array(length), whole: [-128, 127] },
  uint8: { create: (length) => new Uint8Array(length), whole: [0, 255] },
  int16: { create: (length) => new Int16Array(length), whole: [-32_768, 32_767] },
  uint16: { create: (length) => new Uint16Array(length), whole: [0, 65_535] },
  int32: { create: (length) => new Int32Array(length), whole: [-2_147_483_648, 2_147_483_647] },
  uint32: { create: (length) => new Uint32Array(length), whole: [0, 4_294_967_295] },
  int64: { create: (length) => new BigInt64Array(length), whole: [-safe, safe] },
  uint64: { create: (length) => new BigUint64Array(length), whole: [0, safe] },
  bool: { create: (length) => new Uint8Array(length), whole: [0, 1] },
}

export function isTensorType(type: string): type is TensorType {
  return Object.hasOwn(elementTypes, type)
}

export function createData(type: TensorType, length: number): TensorData {
  return elementTypes[type].create(length)
}

export function wholeRange(type: TensorType): readonly [number, number] | undefined {
  return elementTypes[type].whole
}

/** Whether the type holds fractions and NaN. */
export function isFloat(type: TensorType): boolean {
  return elementTypes[type].whole === undefined
}

/** Whether a tensor of this type can hold a number unchanged (floats: apart from rounding). */
export function fitsElement(type: TensorType, value: number): boolean {
  const range = elementTypes[type].whole
  if (range === undefined) return Number.isFinite(type === 'float32' ? Math.fround(value) : value)
  return Number.isInteger(value) && value >= range[0] && value <= range[1]
}

/**
 * Whether the elements are BigInts. Under Jest and Vitest, arrays from worker threads and native code are of another realm
 * than this module, so `instanceof` would not recognise them.
 */
export function isInt64(data: TensorData): data is BigInt64Array | BigUint64Array {
  return types.isBigInt64Array(data) || types.isBigUint64Array(data)
}

/**
 * Where to write small whole numbers (0 to 2^31 - 1): element `i` of the tensor is element `i * step` of `target`. An
 * int64 is written as the low half of an Int32 pair (little-endian, as on every platform of the runtime), which saves a
 * BigInt per value; the high half stays 0.
 */
export function indexTarget(data: TensorData): { readonly target: NumberArray; readonly step: 1 | 2 } {
  if (isInt64(data)) return { target: int32Pairs(data), step: 2 }
  return { target: data, step: 1 }
}

/** Writes whole numbers within the safe range into a 64-bit tensor as Int32 pairs. */
export function writeInt64(numbers: Float64Array, data: BigInt64Array | BigUint64Array): void {
  const pairs = int32Pairs(data)
  for (let at = 0; at < numbers.length; at++) {
    const value = numbers[at]
    pairs[2 * at] = value
    pairs[2 * at + 1] = Math.floor(value / 4_294_967_296)
  }
}

/** A tensor's values as numbers. 64-bit ones beyond the safe range become NaN: none represents them exactly. */
export function readNumbers(data: TensorData): ArrayLike<number> {
  if (!isInt64(data)) return data
  const pairs = int32Pairs(data)
  const signed = types.isBigInt64Array(data)
  const numbers = new Float64Array(data.length)
  for (let at = 0; at < numbers.length; at++) {
    const high = pairs[2 * at + 1]
    const value = (signed ? high : high >>> 0) * 4_294_967_296 + (pairs[2 * at] >>> 0)
    numbers[at] = Number.isSafeInteger(value) ? value : Number.NaN
  }
  return numbers
}

function int32Pairs(data: BigInt64Array | BigUint64Array): Int32Array {
  invariant(data.byteOffset % 4 === 0, 'a 64-bit tensor starts at a multiple of 4 bytes')
  return new Int32Array(data.buffer, data.byteOffset, data.length * 2)
}
