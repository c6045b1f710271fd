import { locatedPresageError } from '../../../gateway/graphql/locatedError'
import { errorsOf, localResult } from '../../../gateway/local/localExecutor'
import { PresageError } from '../../../lib/errors'

const error = new PresageError('OVERLOADED', 'too many')
const other = locatedPresageError(new PresageError('BAD_FEATURE', 'bad'), ['a', 2])
const shared = { error, path: ['a', 0], position: 1, count: 2 }

test('who knows nothing of shared errors finds each of them', () => {
  const result = localResult({ a: [] }, { errors: [other], shared: [shared] })
  expect(result.errors?.map(({ path, extensions }) => [path, extensions.code])).toEqual([
    [['a', 2], 'BAD_FEATURE'],
    [['a', 0], 'OVERLOADED'],
    [['a', 1], 'OVERLOADED'],
  ])
  expect(result.errors).toBe(result.errors)
  expect(Object.keys(result)).toEqual(['data', 'errors'])
})

test('who knows of them has them as they are', () => {
  expect(errorsOf(localResult(null, { errors: [other], shared: [shared] }))).toEqual({
    errors: [other],
    shared: [shared],
  })
})

test('without any, a result is as everywhere', () => {
  expect(localResult({ a: 1 }, { errors: [], shared: [] })).toEqual({ data: { a: 1 } })
  expect(errorsOf({ data: null, errors: [other] })).toEqual({ errors: [other], shared: [] })
  expect(errorsOf({})).toEqual({ errors: [], shared: [] })
})
