import { bucketOf, percentBuckets } from '../../../routing/bucketing/bucketer'
import { murmur3From, murmurPrefix } from '../../../routing/bucketing/murmur3'
import { seeded } from '../../support/seeded'
import { naiveBucket, naiveMurmur3 } from '../naive'

it.each([
  ['canary-4:', '12', 3194000683, 743661],
  ['rating-content-1:', '12', 3968093962, 923893],
  ['rating-content-1:', '671', 3334102846, 776281],
  ['s:', '', 1046795059, 243725],
  ['s:', 'é', 3895647214, 907026],
  ['shadow-4:', 'a-b-c-d-e', 2306866128, 537109],
])('%s%s', (salt, unit, hash, bucket) => {
  expect(murmur3From(murmurPrefix(salt), unit)).toBe(hash)
  expect(bucketOf(murmurPrefix(salt), unit)).toBe(bucket)
})

it('10,000 texts of all lengths and alphabets: as the hash that was written down from its author’s text', () => {
  const random = seeded(44)
  const alphabets = ['abc', '0123456789', 'aé', '東京a', '😀x', '\ud800\udc00a', '\0\x7f\x80']
  const text = (most: number) => {
    const alphabet = alphabets[Math.floor(random() * alphabets.length)]
    return Array.from(
      { length: Math.floor(random() * most) },
      () => alphabet[Math.floor(random() * alphabet.length)],
    ).join('')
  }
  const differing = Array.from({ length: 10_000 }, () => [text(9), text(30)]).filter(([salt, unit]) => {
    // A lone surrogate becomes U+FFFD, in salt and unit apart as in the engine.
    const bytes = Buffer.concat([Buffer.from(`${salt}:`), Buffer.from(unit)])
    return murmur3From(murmurPrefix(`${salt}:`), unit) !== naiveMurmur3(bytes)
  })
  expect(differing).toEqual([])
})

it('every percentage of four decimals covers its number of buckets', () => {
  const wrong = Array.from({ length: 1_000_001 }, (_, at) => at).filter(
    (at) => percentBuckets(at / 10_000) !== at,
  )
  expect(wrong).toEqual([])
  expect(naiveBucket('s', '')).toBe(243725)
})
