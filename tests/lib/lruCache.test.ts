import { LruCache } from '../../lib/lruCache'

function filled(maxEntries: number, maxWeight = 100): LruCache<string> {
  const cache = new LruCache<string>(maxEntries, maxWeight)
  for (const key of ['a', 'b', 'c'].slice(0, maxEntries)) cache.set(key, key.toUpperCase(), 1)
  return cache
}

const kept = (cache: LruCache<string>) =>
  ['a', 'b', 'c', 'd', 'e'].filter((key) => cache.get(key) !== undefined)

test('what was used last stays, by reading or by writing', () => {
  const cache = filled(3)
  for (const key of ['c', 'a', 'a', 'c']) cache.get(key)
  cache.set('d', 'D', 1)
  cache.set('a', 'A2', 1)
  cache.set('e', 'E', 1)
  expect(kept(cache)).toEqual(['a', 'd', 'e'])
  expect(cache.get('a')).toBe('A2')
})

test('the one that was written last is the last to go, though it is read over and over', () => {
  const cache = filled(2)
  cache.get('b')
  cache.get('b')
  cache.set('c', 'C', 1)
  expect(kept(cache)).toEqual(['b', 'c'])
})

test('weight bounds it too; what alone is too heavy is not kept, and takes no place of others', () => {
  const cache = filled(3, 10)
  cache.set('d', 'D', 9)
  expect(kept(cache)).toEqual(['c', 'd'])
  cache.set('e', 'E', 11)
  cache.set('c', 'C2', 11)
  expect([kept(cache), cache.size, cache.totalWeight]).toEqual([['d'], 1, 9])
  cache.set('a', 'A', 5)
  cache.set('b', 'B', 5)
  cache.get('a')
  cache.set('c', 'C', 5)
  expect(kept(cache)).toEqual(['a', 'c'])
})
