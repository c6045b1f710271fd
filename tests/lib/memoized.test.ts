import { SmallMap } from '../../lib/memoized'

test('each key has the value that it was given last', () => {
  const entries = new SmallMap<object, number>()
  const [one, other] = [{}, {}]
  entries.set(one, 1)
  entries.set(other, 2)
  entries.set(one, 3)
  expect([entries.get(one), entries.get(other), entries.get({})]).toEqual([3, 2, undefined])
})
