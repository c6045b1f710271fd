import { routeAction } from '../../../cli/deployment/routeAction'
import { createClientRequest } from '../../../lib/request/clientRequest'

test('of many unknown keys, the first are told and the others counted', async () => {
  const action = routeAction(() => ({ objective: 'RATE', error: 'NEEDS_INPUTS' }))
  const request = createClientRequest({ id: 'test', deadline: 0 })
  const keys = Array.from({ length: 10_000 }, (_, number) => [`key${number}`, 0])
  const { message } = await action(request, { objective: 'RATE', ...Object.fromEntries(keys) }).then(
    () => new Error('it was taken'),
    (error: Error) => error,
  )
  expect(message.split('; ')).toHaveLength(101)
  expect(message).toMatch(/^body\.key0: is not one of the keys .*; 9900 further problems$/)
})
