import { createData } from '../../../models/types/elementType'
import type { Tensor, Tensors } from '../../../models/types/tensor'
import { keptRows, layoutFrom, tensorsOf } from '../../../serving/cache/keptRow'
import { packRow, unpackRow } from '../../../serving/cache/redisRow'

const wide = Float32Array.from({ length: 60 }, (_, at) => at / 7)
const tensors: Tensors = {
  score: { type: 'float32', dims: [3], data: Float32Array.of(0.1, Number.NaN, -0) },
  ids: { type: 'int64', dims: [3, 2], data: BigInt64Array.of(1n, 2n, -3n, 2n ** 62n, 5n, 6n) },
  wide: { type: 'float32', dims: [3, 4, 5], data: wide },
  flags: { type: 'bool', dims: [3, 1], data: Uint8Array.of(1, 0, 1) },
  none: { type: 'float64', dims: [3, 0], data: new Float64Array(0) },
}

test('the parts of rows come together again as they were, in any order', () => {
  const rows = keptRows(tensors, 3)
  expect(tensorsOf(rows)).toEqual(tensors)
  const turned = tensorsOf([rows[2], rows[0]])
  expect(turned.score.data).toEqual(Float32Array.of(-0, 0.1))
  expect(turned.ids.data).toEqual(BigInt64Array.of(5n, 6n, 1n, 2n))
  expect(turned.wide).toEqual({
    type: 'float32',
    dims: [2, 4, 5],
    data: Float32Array.of(...wide.subarray(40), ...wide.subarray(0, 20)),
  })
})

test('a part of a larger batch is copied from where it lies, and is not touched by what happens there', () => {
  const whole = Float32Array.of(1, 2, 3, 4)
  const [kept] = keptRows({ y: { type: 'float32', dims: [2], data: whole.subarray(2) } }, 2)
  whole.fill(9)
  expect(tensorsOf([kept]).y.data).toEqual(Float32Array.of(3))
  expect(kept.bytes.buffer.byteLength).toBe(4)
})

test('rows of as many bytes in other shapes have other layouts', () => {
  const layoutOf = (tensor: Tensor) => keptRows({ y: tensor }, 1)[0].layout.text
  const texts = [
    layoutOf({ type: 'float32', dims: [1, 4], data: new Float32Array(4) }),
    layoutOf({ type: 'float32', dims: [1, 2, 2], data: new Float32Array(4) }),
    layoutOf({ type: 'int32', dims: [1, 4], data: new Int32Array(4) }),
  ]
  expect(new Set(texts).size).toBe(3)
})

test.each([
  'float32',
  'float64',
  'int8',
  'uint8',
  'int16',
  'uint16',
  'int32',
  'uint32',
  'int64',
  'uint64',
  'bool',
] as const)('a row of %s goes to Redis and back', (type) => {
  const data = createData(type, 3)
  data.fill((data instanceof BigInt64Array || data instanceof BigUint64Array ? 1n : 1) as never)
  const [row] = keptRows({ y: { type, dims: [1, 3], data } }, 1)
  expect(tensorsOf([unpackRow(packRow(row))!])).toEqual({ y: { type, dims: [1, 3], data } })
})

test('texts go to Redis and back, beside numbers, and come together again in any order', () => {
  const mixed: Tensors = {
    label: { type: 'string', dims: [2], data: ['', 'Zoë'] },
    p: { type: 'float32', dims: [2, 2], data: Float32Array.of(1, 2, 3, 4) },
    words: { type: 'string', dims: [2, 2], data: ['a', 'b"', 'c', '日本'] },
  }
  const rows = keptRows(mixed, 2)
  expect(tensorsOf(rows)).toEqual(mixed)
  expect(tensorsOf([rows[1], rows[0]].map((row) => unpackRow(packRow(row))!))).toEqual({
    label: { type: 'string', dims: [2], data: ['Zoë', ''] },
    p: { type: 'float32', dims: [2, 2], data: Float32Array.of(3, 4, 1, 2) },
    words: { type: 'string', dims: [2, 2], data: ['c', '日本', 'a', 'b"'] },
  })
  const packed = packRow(rows[0])
  expect(unpackRow(packed.subarray(0, -1))).toBeUndefined()
  expect(unpackRow(packRow({ ...rows[0], bytes: rows[0].bytes.subarray(0, 8) }))).toBeUndefined()
  expect(
    unpackRow(Buffer.from(packed.toString('latin1').replace('["","a",', '["",   1,'), 'latin1')),
  ).toBeUndefined()
})

test('what is no packed row is none', () => {
  const packed = packRow(keptRows(tensors, 3)[0])
  const text = (layout: string) => {
    const bytes = Buffer.from(layout)
    return Buffer.concat([Buffer.of(bytes.length, 0), bytes, Buffer.alloc(4)])
  }
  for (const bytes of [
    Buffer.alloc(0),
    Buffer.from('x'),
    Buffer.from('not a row at all'),
    packed.subarray(0, -1),
    Buffer.concat([packed, Buffer.of(0)]),
    text('[]'),
    text('{"y":1}'),
    text('[["y","float16",1]]'),
    text('[["y","float32",-1]]'),
    text('[["y","float32",1.5]]'),
    text('[[1,"float32",1]]'),
    text('[null]'),
  ])
    expect(unpackRow(bytes)).toBeUndefined()
  expect(unpackRow(text('[["y","float32",1]]'))).toBeDefined()
})

test('the same layout is one object, whoever read it', () => {
  const text = '[["y","float32",3]]'
  expect(layoutFrom(text)).toBe(layoutFrom(text))
})
