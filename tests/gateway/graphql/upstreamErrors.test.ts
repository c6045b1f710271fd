import { upstreamRefused } from '../../../gateway/graphql/upstreamErrors'
import type { PlainError } from '../../../lib/errors'

/** What the log gets. */
function lineOf(message: string, extensions?: Record<string, unknown>): string {
  const error = upstreamRefused('customers', { message, ...(extensions && { extensions }) })
  expect(error.message).toBe('subgraph customers: expected an answer, but it failed')
  return (error.cause as PlainError).line
}

const composeAgain = /npx presage compose --refresh/

test('what a subgraph answers instead of data is logged by its name, in one line', () => {
  expect(lineOf('no\ndatabase')).toBe('subgraph customers: must answer with data, got: no database')
})

test.each([
  ['Cannot query field "job" on type "Customer".', undefined],
  ['Unknown argument "first" on field "Query.customers".', undefined],
  ['any words', { code: 'GRAPHQL_VALIDATION_FAILED' }],
])('a schema that has changed is to be composed again: %s', (message, extensions) => {
  expect(lineOf(message, extensions)).toMatch(composeAgain)
})

test('other refusals say nothing of schemas', () => {
  expect(lineOf('Unknown customer', { code: 'NOT_FOUND' })).not.toMatch(composeAgain)
})
