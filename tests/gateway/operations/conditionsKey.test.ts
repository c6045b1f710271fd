import { conditionsKey } from '../../../gateway/operations/preparedOperation'

test('each combination of values of conditions has a key, null and what is left out the same', () => {
  const values = [true, false, null, undefined]
  const keys = values.flatMap((a) => values.map((b) => conditionsKey(['a', 'b'], { a, b, other: 1 })))
  expect(keys).toEqual('11 10 1n 1n 01 00 0n 0n n1 n0 nn nn n1 n0 nn nn'.split(' '))
  expect(conditionsKey([], { a: true })).toBe('')
})
