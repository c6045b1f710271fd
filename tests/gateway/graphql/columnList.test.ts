import { readColumnList } from '../../../gateway/graphql/columnList'
import { maxColumnRows } from '../../../gateway/graphql/entityColumns'

const read = (head: object, ...columns: string[]) =>
  readColumnList(
    [JSON.stringify({ key: 'titles', type: 'Title', ...head }), ...columns].join('\n'),
    (error) => error,
  )

test('a list of constants alone has as many objects as its head says', () => {
  const list = read({ rows: 2, constants: { __typename: 'Title' }, columns: [] })
  expect(list?.objects()).toEqual([{ __typename: 'Title' }, { __typename: 'Title' }])
  expect(read({ rows: 0, columns: [] })?.objects()).toEqual([])
  expect(read({ rows: maxColumnRows, columns: [] })?.objects()).toHaveLength(maxColumnRows)
})

test.each([maxColumnRows + 1, 400_000_000, 2 ** 53, -1, 1.5, '2', null])(
  'a head of a few bytes that tells of %p objects is no list',
  (rows) => {
    expect(read({ rows, columns: [] })).toBeUndefined()
  },
)

test('a column of another length than its head says is an error', () => {
  expect(() => read({ rows: 2, columns: ['id'] }, '["1"]')?.objects()).toThrow('must have 2 values, got 1')
})
