import dns from 'node:dns/promises'
import { HostAddresses } from '../../../cli/proxy/hostAddresses'

afterEach(() => {
  jest.restoreAllMocks()
})

test('a host of several addresses keeps the one that it has for as long as that is among them', async () => {
  // DNS servers deal them out in turn.
  const answers = [
    ['10.0.0.1', '10.0.0.2'],
    ['10.0.0.2', '10.0.0.1'],
    ['10.0.0.3', '10.0.0.2'],
    ['10.0.0.2', '10.0.0.3'],
  ]
  jest
    .spyOn(dns, 'lookup')
    .mockImplementation((async () => answers.shift()!.map((address) => ({ address, family: 4 }))) as never)
  const hosts = new HostAddresses(() => {})
  const told = []
  while (answers.length > 0) told.push(await hosts.of('servers.test'))
  expect(told).toEqual(['10.0.0.1', '10.0.0.1', '10.0.0.3', '10.0.0.3'])
})
