import { RowIndex } from '../../serving/rowIndex'

it('finds rows that are equal in what the graph reads, and keeps each once, in order', () => {
  const index = new RowIndex(3, [0, 1])
  const columns = [
    ['12', '12', '13', '12'],
    [['Drama'], ['Drama'], ['Drama'], ['Drama', 'War']],
    [10, 20, 10, 10],
  ]
  expect([0, 1, 2, 3].map((row) => index.add(columns, row))).toEqual([0, 0, 1, 2])
  expect(index.size).toBe(3)
  expect(index.columns).toEqual([
    ['12', '13', '12'],
    [['Drama'], ['Drama'], ['Drama', 'War']],
    [10, 10, 10],
  ])
})

it.each([
  ['a number and its text', 1, '1'],
  ['null and an empty text', null, ''],
  ['null and an empty list', null, []],
  ['null and false', null, false],
  ['0 and -0', 0, -0],
  ['a list and a longer one', ['a'], ['a', 'a']],
  ['lists in another order', ['a', 'b'], ['b', 'a']],
  ['a list and its nesting', [['a'], 'b'], ['a', 'b']],
])('tells %s apart', (_, left, right) => {
  const index = new RowIndex(1, [0])
  expect([index.add([[left]], 0), index.add([[right]], 0)]).toEqual([0, 1])
})

it('tells rows apart whose hashes collide', () => {
  const index = new RowIndex(1, [0])
  const texts = Array.from({ length: 200_000 }, (_, i) => `title ${i}`) // more pairs than 2^32: some collide
  texts.forEach((_, row) => {
    index.add([texts], row)
  })
  expect(index.size).toBe(texts.length)
  expect(texts.every((_, row) => index.add([texts], row) === row)).toBe(true)
})

it('takes a row without identity as the same row always', () => {
  const index = new RowIndex(1, [])
  expect([index.add([[1]], 0), index.add([[2]], 0)]).toEqual([0, 0])
})
