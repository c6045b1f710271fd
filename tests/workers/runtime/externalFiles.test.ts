import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { packageRoot } from '../../../lib/packagePaths'
import { externalFiles } from '../../../workers/runtime/externalFiles'
import { readGraph } from '../../../workers/runtime/graphFiles'
import { fieldIn, lengthField } from '../../../workers/runtime/protobuf'

const exported = (name: string) =>
  readFileSync(join(packageRoot, 'tests/fixtures/exporters/models', name, '1/model.onnx'))

const nest = (numbers: readonly number[], content: Buffer) =>
  numbers.reduceRight((inner, number) => lengthField(number, inner), content)

const named = (file: string, ...before: Buffer[]) =>
  lengthField(13, Buffer.concat([...before, lengthField(1, 'location'), lengthField(2, file)]))

test('files with weights are found by the names that the graph has for them', () => {
  expect(externalFiles(exported('torch-dynamo'))).toEqual(['model.onnx.data'])
  expect(externalFiles(exported('torch-script'))).toEqual([])
})

test.each<[where: string, path: readonly number[]]>([
  ['a weight', [7, 5]],
  ['a sparse weight', [7, 15, 1]],
  ['the indices of a sparse weight', [7, 15, 2]],
  ['a constant', [7, 1, 5, 5]],
  ['a list of constants', [7, 1, 5, 10]],
  ['a sparse constant', [7, 1, 5, 22, 1]],
  ['a list of sparse constants', [7, 1, 5, 23, 2]],
  ['a weight of a branch', [7, 1, 5, 6, 5]],
  ['a weight of one of several branches, in a branch', [7, 1, 5, 6, 1, 5, 11, 5]],
  ['a function', [25, 7, 5, 5]],
  ['the default of an attribute of a function', [25, 11, 5]],
  ['what begins a training', [20, 1, 5]],
  ['a step of a training', [20, 2, 1, 5, 5]],
])('a file is found wherever a tensor can be: %s', (_, path) => {
  expect(externalFiles(nest(path, named('../secret')))).toEqual(['../secret'])
})

test('a part of a message that stands twice counts twice, and of a text the last one counts', () => {
  const first = nest([7, 5], named('a'))
  const second = nest([7, 5], named('b', lengthField(1, 'offset')))
  expect([...externalFiles(Buffer.concat([first, second]))].sort()).toEqual(['a', 'b'])
})

test('a model that names a file and cannot be read to its end is refused, for the runtime may read more of it', async () => {
  const group = Buffer.of(0xa3, 6, 0xa4, 6)
  const model = Buffer.concat([group, nest([7, 5], named('secret'))])
  expect(() => externalFiles(model)).toThrow('a field is of kind 3, which is unknown')
  const folder = mkdtempSync(join(tmpdir(), 'presage-external-'))
  try {
    writeFileSync(join(folder, 'model.onnx'), model)
    await expect(readGraph(join(folder, 'model.onnx'), {})).rejects.toThrow(
      'model.onnx: must be a whole ONNX model, got: a field is of kind 3, which is unknown',
    )
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test('what is no model, or half of one, has no files', () => {
  const whole = exported('column-pipeline')
  for (let length = 0; length < fieldIn(whole, 7)!.to; length += 97)
    expect(externalFiles(whole.subarray(0, length))).toEqual([])
})
