import { GraphQLError } from 'graphql'
import { createLogErrors } from '../../../gateway/apollo/errorLog'
import { PlainError, PresageError } from '../../../lib/errors'
import type { ClientRequest } from '../../../lib/request/clientRequest'

test('a line tells which field of which row failed', () => {
  const failed = new PresageError('UPSTREAM_FAILED', 'Order.price is needed and failed', {
    field: 'Order.price',
  })
  failed.cause = new PlainError('Order.price: must be Float!, got null')
  const located = new GraphQLError(failed.message, {
    path: ['orders', 2, 'risk'],
    originalError: failed,
    extensions: failed.extensions,
  })
  const log = jest.fn()
  const request = { id: 'r1', scope: (_: unknown, make: () => unknown) => make() }
  createLogErrors(log)([located], request as ClientRequest)
  expect(log.mock.calls).toEqual([
    [failed.cause, { requestId: 'r1', operation: undefined, field: 'Order.price', path: 'orders.2.risk' }],
  ])
})
