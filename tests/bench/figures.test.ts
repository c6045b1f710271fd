import { slope } from '../../bench/memory'
import { outcomeOf } from '../../bench/outcome'
import { percentile } from '../../bench/percentile'
import { quantile } from '../../bench/stages'

test('a percentile is one of the values, and 0 of none', () => {
  const values = Array.from({ length: 200 }, (_, at) => at)
  expect(percentile(values, 0.99)).toBe(198)
  expect(percentile([7], 0.999)).toBe(7)
  expect(percentile([], 0.5)).toBe(0)
})

test('a quantile of buckets lies evenly within its bucket, and never beyond the last bound', () => {
  const buckets = [
    { le: 1, count: 50 },
    { le: 5, count: 90 },
    { le: 10, count: 90 },
    { le: Number.POSITIVE_INFINITY, count: 100 },
  ]
  expect(quantile(buckets, 0.25)).toBe(0.5)
  expect(quantile(buckets, 0.7)).toBe(3)
  expect(quantile(buckets, 0.99)).toBe(10)
  expect(quantile([], 0.99)).toBe(0)
})

test('growth is the slope of the line through all samples, wherever a single one lies', () => {
  expect(slope([10, 12, 14, 16])).toBe(2)
  expect(slope([10, 13, 10, 13, 10])).toBe(0)
  expect(slope([10])).toBe(0)
})

test.each([
  [200, '{"data":{"a":1}}', 'answered'],
  [200, '{"errors":[{"extensions":{"code":"DEADLINE_EXCEEDED"}}],"data":{"a":null}}', 'expired'],
  [504, '{"errors":[{"extensions":{"code":"DEADLINE_EXCEEDED"}}]}', 'expired'],
  [503, '{"errors":[{"extensions":{"code":"OVERLOADED"}}]}', 'refused'],
  [200, '{"errors":[{"extensions":{"code":"OVERLOADED"}}],"data":{"a":null}}', 'refused'],
  [200, '{"errors":[{"message":"no such field"}]}', 'failed'],
  [500, 'oh', 'failed'],
] as const)('status %i with %s is %s', (status, body, outcome) => {
  expect(outcomeOf(status, Buffer.from(body))).toBe(outcome)
})
