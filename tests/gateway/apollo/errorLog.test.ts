import { GraphQLError } from 'graphql'
import { createLogErrors } from '../../../gateway/apollo/errorLog'
import { PlainError, PresageError } from '../../../lib/errors'
import type { ClientRequest } from '../../../lib/request/clientRequest'

const request = { id: 'r1', scope: (_: unknown, make: () => unknown) => make() } as ClientRequest

/** What is logged of the error at each of the paths. */
function logged(failed: PresageError, paths: readonly (string | number)[][]) {
  const log = jest.fn()
  const { message, extensions } = failed
  const located = paths.map((path) => new GraphQLError(message, { path, originalError: failed, extensions }))
  createLogErrors(log)(located, request)
  return log.mock.calls
}

test('a line tells which field of which row failed', () => {
  const failed = new PresageError('UPSTREAM_FAILED', 'Order.price is needed and failed', {
    field: 'Order.price',
  })
  failed.cause = new PlainError('Order.price: must be Float!, got null')
  expect(logged(failed, [['orders', 2, 'risk']])).toEqual([
    [failed.cause, { requestId: 'r1', operation: undefined, field: 'Order.price', path: 'orders.2.risk' }],
  ])
})

test('what fails many fields of an answer is one line, with the first of them', () => {
  const failed = new PresageError('UPSTREAM_FAILED', 'subgraph orders: expected an answer, but it failed')
  failed.cause = new PlainError('ECONNRESET')
  const paths = [0, 1, 2].map((row) => ['orders', row, 'risk'])
  expect(logged(failed, paths)).toEqual([
    [failed.cause, { requestId: 'r1', operation: undefined, path: 'orders.0.risk' }],
  ])
})
