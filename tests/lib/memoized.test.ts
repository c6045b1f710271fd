import { memoizedUpTo, SmallMap } from '../../lib/memoized'

test('each key has the value that it was given last', () => {
  const entries = new SmallMap<object, number>()
  const [one, other] = [{}, {}]
  entries.set(one, 1)
  entries.set(other, 2)
  entries.set(one, 3)
  expect([entries.get(one), entries.get(other), entries.get({})]).toEqual([3, 2, undefined])
})

test('values of more keys than may be kept are made anew', () => {
  const made: number[] = []
  const double = memoizedUpTo(2, (key: number) => {
    made.push(key)
    return 2 * key
  })
  expect([1, 2, 1, 2, 3, 3, 1].map(double)).toEqual([2, 4, 2, 4, 6, 6, 2])
  expect(made).toEqual([1, 2, 3, 1])
})
