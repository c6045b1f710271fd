import type { Column } from '../../../lib/column'
import { PresageError } from '../../../lib/errors'
import { RowIndex } from '../../../serving/calls/rowIndex'

/** Rows are the same by these columns; the first `telling` of them are hashed first. */
function indexOf(all: readonly number[], telling = all.length): RowIndex {
  return new RowIndex({ all, telling: all.slice(0, telling), rest: all.slice(telling) })
}

function place(index: RowIndex, columns: readonly Column[]) {
  const known = index.size
  const { positions, fresh } = index.add(columns, columns[0].length)
  return { positions: positions ? [...positions] : columns[0].map((_, row) => known + row), fresh }
}

it('finds rows that are equal in what the graph reads, and keeps each once, in order', () => {
  const index = indexOf([0, 1])
  const columns = [
    ['12', '12', '13', '12'],
    [['Drama'], ['Drama'], ['Drama'], ['Drama', 'War']],
    [10, 20, 10, 10],
  ]
  expect(place(index, columns)).toEqual({
    positions: [0, 0, 1, 2],
    fresh: [
      ['12', '13', '12'],
      [['Drama'], ['Drama'], ['Drama', 'War']],
      [10, 10, 10],
    ],
  })
  expect(index.size).toBe(3)
})

it('keeps the columns themselves where all rows are distinct', () => {
  const index = indexOf([0])
  const first = [['a', 'b', 'c']]
  const second = [['d', 'e']]
  expect(index.add(first, 3).fresh).toBe(first)
  expect(index.add(second, 2)).toEqual({ positions: undefined, fresh: second })
  expect(place(index, [['e', 'c', 'f', 'a']])).toEqual({ positions: [4, 2, 5, 0], fresh: [['f']] })
  expect(place(index, [['f', 'd']])).toEqual({ positions: [5, 3], fresh: undefined })
})

it('leaves out rows that have an error, wherever they are', () => {
  const index = indexOf([0])
  const error = new PresageError('BAD_FEATURE', 'no')
  const errors = [error, undefined, undefined, error, undefined]
  const { positions, fresh } = index.add([[null, 'a', 'b', null, 'a']], 5, errors)
  expect([...positions!]).toEqual([-1, 0, 1, -1, 0])
  expect(fresh).toEqual([['a', 'b']])
  expect(index.add([[null]], 1, [error])).toEqual({ positions: Int32Array.of(-1), fresh: undefined })
})

it('finds a single first row again', () => {
  const index = indexOf([0, 1])
  expect(index.add([['a'], [1]], 1).positions).toBeUndefined()
  expect(
    place(index, [
      ['a', 'a'],
      [2, 1],
    ]).positions,
  ).toEqual([1, 0])
})

it('tells rows apart by their other columns once the telling ones have not told', () => {
  const index = indexOf([0, 1], 1)
  const rows = Array.from({ length: 300 }, (_, row) => row)
  const columns = [rows.map((row) => row % 3), rows.map((row) => `text ${row % 150}`)]
  const early = [[0], ['text 3']]
  expect(place(index, early).positions).toEqual([0])
  expect(index.size).toBe(1)
  const { positions } = place(index, columns)
  expect(index.size).toBe(150)
  expect(positions.slice(0, 5)).toEqual([1, 2, 3, 0, 4])
  expect(positions.slice(150)).toEqual(positions.slice(0, 150))
  expect(place(index, columns).positions).toEqual(positions)
})

it.each([
  ['a number and its text', 1, '1'],
  ['null and an empty text', null, ''],
  ['null and an empty list', null, []],
  ['null and false', null, false],
  ['null and a number', null, 1],
  ['0 and -0', 0, -0],
  ['a list and a longer one', ['a'], ['a', 'a']],
  ['lists in another order', ['a', 'b'], ['b', 'a']],
  ['a list and its nesting', [['a'], 'b'], ['a', 'b']],
])('tells %s apart', (_, left, right) => {
  expect(place(indexOf([0]), [[left, right]]).positions).toEqual([0, 1])
  expect(place(indexOf([0]), [[right, left, right]]).positions).toEqual([0, 1, 0])
  const index = indexOf([0])
  expect([place(index, [[left]]).positions, place(index, [[right]]).positions]).toEqual([[0], [1]])
})

it('tells rows apart whose hashes collide', () => {
  const texts = Array.from({ length: 200_000 }, (_, i) => `title ${i}`) // more pairs than 2^32: some collide
  const index = indexOf([0])
  expect(index.add([texts], texts.length).positions).toBeUndefined()
  const again = place(index, [texts]).positions
  expect(index.size).toBe(texts.length)
  expect(again.every((position, row) => position === row)).toBe(true)
})

it('finds rows again however many calls they came in', () => {
  const index = indexOf([0])
  const texts = Array.from({ length: 500 }, (_, i) => `title ${i}`)
  for (const text of texts) index.add([[text]], 1)
  expect(place(index, [texts]).positions).toEqual(texts.map((_, row) => row))
})

it('takes a row without identity as the same row always', () => {
  const index = indexOf([])
  expect([place(index, [[1, 3]]).positions, place(index, [[2]]).positions]).toEqual([[0, 0], [0]])
})
