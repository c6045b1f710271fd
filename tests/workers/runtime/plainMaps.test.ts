import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { packageRoot } from '../../../lib/packagePaths'
import { plainMaps } from '../../../workers/runtime/plainMaps'
import { fieldIn, fieldsOf, lengthField, textOf } from '../../../workers/runtime/protobuf'

const exported = (name: string) =>
  readFileSync(join(packageRoot, 'tests/fixtures/exporters/models', name, '1/model.onnx'))

/** A graph whose one output is a sequence, which `node` makes. */
function modelWith(...attributes: Buffer[]): Buffer {
  const node = [lengthField(1, 'p'), lengthField(2, 'maps'), lengthField(4, 'ZipMap'), ...attributes]
  const output = Buffer.concat([lengthField(1, 'maps'), lengthField(2, lengthField(4, ''))])
  return lengthField(7, Buffer.concat([lengthField(1, Buffer.concat(node)), lengthField(12, output)]))
}

function attribute(name: string, ...content: Buffer[]): Buffer {
  return lengthField(5, Buffer.concat([lengthField(1, name), ...content]))
}

const bytesOf = (model: Buffer, number: number, within = fieldIn(model, 7)!) =>
  [...fieldsOf(model, within.from, within.to)]
    .filter((field) => field.number === number)
    .map(({ start, to }) => model.subarray(start, to).toString('hex'))

test('the maps of a classifier become the tensor that they are made of; all else stays byte for byte', () => {
  const before = exported('column-pipeline')
  const { model, classes } = plainMaps(before)
  expect([...classes]).toEqual([['output_probability', ['died', 'survived']]])
  const nodes = (bytes: Buffer) => bytesOf(bytes, 1)
  expect(nodes(model).slice(0, -1)).toEqual(nodes(before).slice(0, -1))
  expect(Buffer.from(nodes(before).at(-1)!, 'hex').includes('ZipMap')).toBe(true)
  expect(Buffer.from(nodes(model).at(-1)!, 'hex').includes('Identity')).toBe(true)
  for (const number of [2, 5, 11, 13]) expect(bytesOf(model, number)).toEqual(bytesOf(before, number))
  expect(bytesOf(model, 12)[0]).toBe(bytesOf(before, 12)[0])
  const outside = (bytes: Buffer) => [...fieldsOf(bytes)].filter(({ number }) => number !== 7)
  const texts = (bytes: Buffer) => outside(bytes).map(({ start, to }) => bytes.toString('hex', start, to))
  expect(texts(model)).toEqual(texts(before))
})

test.each(['xgboost', 'torch-dynamo', 'column-regressor'])(
  'a model without maps is left alone: %s',
  (name) => {
    const model = exported(name)
    expect(plainMaps(model).model).toBe(model)
  },
)

test.each<[string, Buffer, readonly (string | number)[]]>([
  ['texts', attribute('classlabels_strings', lengthField(9, 'nö'), lengthField(9, '')), ['nö', '']],
  ['numbers', attribute('classlabels_int64s', Buffer.of(8 << 3, 3, 8 << 3, 200, 1)), [3, 200]],
  ['numbers in one field', attribute('classlabels_int64s', lengthField(8, Buffer.of(3, 200, 1))), [3, 200]],
  [
    'numbers below zero',
    attribute('classlabels_int64s', Buffer.of(8 << 3, ...new Array(9).fill(255), 1)),
    [-1],
  ],
  [
    'numbers that no JavaScript number is',
    attribute('classlabels_int64s', Buffer.of(8 << 3, ...new Array(8).fill(255), 127)),
    ['9223372036854775807'],
  ],
])('labels are read: %s', (_, labels, expected) => {
  expect([...plainMaps(modelWith(labels)).classes.values()]).toEqual([expected])
})

test('a model that imports no standard operators does so for the one that takes the place of the maps', () => {
  const imports = (model: Buffer) =>
    [...fieldsOf(model)].filter(({ number }) => number === 8).map((field) => textOf(model, 1, field))
  const labels = attribute('classlabels_strings', lengthField(9, 'a'))
  const learning = lengthField(8, lengthField(1, 'ai.onnx.ml'))
  const standard = lengthField(8, Buffer.of(2 << 3, 21))
  const { model } = plainMaps(Buffer.concat([modelWith(labels), learning]))
  expect(imports(model)).toEqual(['ai.onnx.ml', ''])
  expect(imports(plainMaps(Buffer.concat([modelWith(labels), standard])).model)).toEqual([''])
})

test('maps without labels, and sequences that are no maps, are left for the runtime to tell of', () => {
  const model = modelWith()
  expect(plainMaps(model)).toEqual({ model, classes: new Map() })
})

test('what is no model, or half of one, comes back as it is', () => {
  const whole = exported('column-pipeline')
  for (let length = 0; length < fieldIn(whole, 7)!.to; length += 97) {
    const half = whole.subarray(0, length)
    expect(plainMaps(half).model).toBe(half)
  }
})
