import { HashedNgrams } from '../../../models/preprocess/hashedNgrams'
import fixtures from '../../fixtures/models-room/ngrams.json'
import { modelOf, problemsOf, signature, validated } from '../support'

const cases = fixtures.flatMap(({ ngrams, buckets, examples }) =>
  examples.map((example) => ({ ...example, ngrams, bucketCount: buckets })),
)

test.each(cases)(
  'the trainer’s worked example $text with $ngrams-grams comes out bucket by bucket',
  (example) => {
    const { buckets, counts } = new HashedNgrams(
      example.ngrams[0],
      example.ngrams[1],
      example.bucketCount,
    ).batch([example.text], 1)
    expect([...buckets[0]]).toEqual(example.buckets)
    expect([...counts[0]]).toEqual(example.counts)
  },
)

test('the hash is 32-bit FNV-1a', () => {
  // " foobar " is the only 8-gram of the word; FNV-1a of the bytes, worked out one by one.
  let hash = 2166136261n
  for (const byte of Buffer.from(' foobar ')) hash = ((hash ^ BigInt(byte)) * 16777619n) % 2n ** 32n
  const { buckets } = new HashedNgrams(8, 8, 8191).batch(['FooBar'], 1)
  expect([...buckets[0]]).toEqual([Number(hash % 8191n)])
})

test('rows do not leak into each other, and long words fit', () => {
  const counter = new HashedNgrams(1, 1, 64)
  const long = 'a'.repeat(1000)
  const { buckets, counts } = counter.batch([long, '', null, 'a'], 4)
  expect(buckets[0]).toEqual(buckets[3])
  expect([...counts[0]].sort()).toEqual([1000, 2].sort())
  expect([...counts[3]].sort()).toEqual([1, 2])
  expect(buckets[1]).toHaveLength(0)
  expect(buckets[2]).toHaveLength(0)
})

test('more distinct n-grams than the first scratch space holds are all counted', () => {
  const text = Array.from({ length: 500 }, (_, at) => `w${at}x${at * 7}`).join(' ')
  const { buckets, counts } = new HashedNgrams(3, 5, 1 << 20).batch([text], 1)
  const seen = new Set<string>()
  let total = 0
  for (const word of text.split(' ')) {
    const framed = ` ${word} `
    for (let size = 3; size <= 5; size++) {
      for (let start = 0; start + size <= framed.length; start++, total++)
        seen.add(framed.slice(start, start + size))
    }
  }
  expect(buckets[0].length).toBeGreaterThan(seen.size * 0.99)
  expect(counts[0].reduce((sum, count) => sum + count, 0)).toBe(total)
})

const search = (buckets: string, counts: string) =>
  modelOf(
    `
features: { text: { type: String } }
preprocess:
  buckets: { ngrams: text, sizes: [2, 4], buckets: 8192, yield: buckets }
  counts: { ngrams: text, sizes: [2, 4], buckets: 8192, yield: counts }
postprocess: { y: { column: y } }
`,
    signature([`buckets ${buckets}`, `counts ${counts}`], ['y float32[batch]']),
  )

test('buckets and counts are two tensors of one counting, padded with 0', () => {
  const model = search('int64[batch,n]', 'float32[batch,n]')
  const { columns } = validated(model, [['8½'], ['']])
  const batch = jest.spyOn(HashedNgrams.prototype, 'batch')
  const count = jest.spyOn(HashedNgrams.prototype as unknown as { count(): unknown }, 'count')
  const tensors = model.preprocess(columns, 2)
  expect(batch).toHaveBeenCalledTimes(2)
  expect(count).toHaveBeenCalledTimes(1)
  const example = fixtures[0].examples.find(({ text }) => text === '8½')
  expect(tensors.buckets.dims).toEqual([2, 9])
  expect([...(tensors.buckets.data as BigInt64Array)].map(Number)).toEqual([
    ...(example?.buckets ?? []),
    ...new Array(9).fill(0),
  ])
  expect([...(tensors.counts.data as Float32Array)]).toEqual([
    ...new Array(9).fill(1),
    ...new Array(9).fill(0),
  ])
  jest.restoreAllMocks()
})

test('a text without letters and digits is one column of padding', () => {
  const model = search('int64[batch,n]', 'float32[batch,n]')
  expect(model.preprocess(validated(model, [['?!']]).columns, 1).buckets).toEqual({
    type: 'int64',
    dims: [1, 1],
    data: BigInt64Array.from([0n]),
  })
})

test('tensors that cannot hold buckets or counts are refused', () => {
  expect(problemsOf(() => search('uint8[batch,n]', 'int8[batch,9]'))).toEqual([
    'input buckets of the graph: must be whole numbers up to 8191, such as int64, got uint8; ' +
      'input counts of the graph: must be [batch, n] with n not fixed, got [batch, 9]',
  ])
})
