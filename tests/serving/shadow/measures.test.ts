import type { ValueType } from '../../../models/types/valueType'
import { measuresOf } from '../../../serving/shadow/measures'

const settings = { tolerance: 0.1, k: 2 }
const text: ValueType = { kind: 'String' }
const float: ValueType = { kind: 'Float' }

const compare = (type: ValueType, one: unknown, two: unknown) =>
  measuresOf({ name: 'out', type }, settings).map(({ name, read, compare }) => [
    name,
    compare(read(one), read(two)),
  ])

it('records are compared by their fields', () => {
  const type: ValueType = { kind: 'record', fields: { low: float, name: text } }
  expect(compare(type, { low: 1, name: 'a' }, { low: 2, name: 'a' })).toEqual([
    ['out.low', { agrees: false, difference: 1 }],
    ['out.name', { agrees: true }],
  ])
  expect(compare(type, null, { low: 2, name: 'a' })).toEqual([
    ['out.low', { agrees: false }],
    ['out.name', { agrees: false }],
  ])
})

it('lists of numbers are compared item by item, by the greatest difference', () => {
  const type: ValueType = { kind: 'list', of: float }
  expect(compare(type, [1, 2], [1, 2.5])).toEqual([['out', { agrees: false, difference: 0.5 }]])
  expect(compare(type, [1, 2], [1.05, 2])).toEqual([
    ['out', { agrees: true, difference: expect.closeTo(0.05) }],
  ])
  expect(compare(type, [1], [1, 2])).toEqual([['out', { agrees: false }]])
})

it('entities are known by their ids, and ranked records by the field that names them', () => {
  const entities: ValueType = { kind: 'list', of: { kind: 'entity', of: 'Title' } }
  expect(compare(entities, [{ id: '1' }, { id: '2' }], [{ id: '2' }, { id: '1' }])).toEqual([
    ['out', { agrees: false, overlap: 1 }],
  ])
  const ranked: ValueType = { kind: 'list', of: { kind: 'record', fields: { score: float, name: text } } }
  const one = [
    { score: 0.9, name: 'a' },
    { score: 0.8, name: 'b' },
  ]
  const two = [
    { score: 0.7, name: 'a' },
    { score: 0.6, name: 'c' },
  ]
  expect(compare(ranked, one, two)).toEqual([['out', { agrees: false, overlap: 0.5 }]])
  expect(compare(ranked, one, [{ score: 0.1, name: 'a' }, one[1]])).toEqual([
    ['out', { agrees: true, overlap: 1 }],
  ])
})

it('ids are compared as text, since vocabularies of two versions may write them as numbers and as text', () => {
  const id: ValueType = { kind: 'ID' }
  expect(compare(id, 12, '12')).toEqual([['out', { agrees: true }]])
  expect(compare({ kind: 'list', of: id }, [12, 7], ['12', '7'])).toEqual([
    ['out', { agrees: true, overlap: 1 }],
  ])
  const ranked: ValueType = { kind: 'list', of: { kind: 'record', fields: { score: float, titleId: id } } }
  expect(compare(ranked, [{ score: 0.9, titleId: 12 }], [{ score: 0.9, titleId: '12' }])).toEqual([
    ['out', { agrees: true, overlap: 1 }],
  ])
})
