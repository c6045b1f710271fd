import type { ClientRequest } from '../../../lib/request/clientRequest'
import { type ContextKeySource, statedContext } from '../../../serving/routes/statedContext'

const keys = new Map<string, ContextKeySource>([
  ['country', { from: 'client', type: 'string' }],
  ['device', { from: 'client', type: 'string' }],
])

it('null and an empty text remove a key, since no request can have either', () => {
  const request = { context: { country: 'DE', device: 'tv' } } as Partial<ClientRequest> as ClientRequest
  expect(statedContext(request, { country: '' }, keys)).toEqual({ device: 'tv' })
  expect(statedContext(request, { country: null }, keys)).toEqual({ device: 'tv' })
})
