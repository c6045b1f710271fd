import { addressesIn, type EndpointSlice } from '../../../workers/members/endpointSlices'

type Endpoint = NonNullable<EndpointSlice['endpoints']>[number]

function slice(
  addressType: string,
  endpoints: readonly Endpoint[],
  ports: EndpointSlice['ports'] = [{ name: 'http', port: 8000 }],
): EndpointSlice {
  return { metadata: { name: 'ratings-x1', resourceVersion: '1' }, addressType, endpoints, ports }
}

const at = (address: string, conditions?: NonNullable<Endpoint['conditions']>): Endpoint => ({
  addresses: [address],
  ...(conditions && { conditions }),
})

it.each<readonly [string, readonly Endpoint[], readonly string[]]>([
  [
    'those that serve and stay',
    [
      at('10.0.0.1', { ready: true, serving: true, terminating: false }),
      at('10.0.0.2', { ready: false, serving: true, terminating: true }),
      at('10.0.0.3', { ready: false, serving: false, terminating: false }),
    ],
    ['10.0.0.1:8000'],
  ],
  [
    'those that terminate and still serve, if no other is left',
    [
      at('10.0.0.2', { serving: true, terminating: true }),
      at('10.0.0.3', { serving: false, terminating: true }),
    ],
    ['10.0.0.2:8000'],
  ],
  ['those of which nothing is said', [at('10.0.0.1'), at('10.0.0.2', { ready: false })], ['10.0.0.1:8000']],
])('takes %s', (_, endpoints, expected) => {
  expect(addressesIn([slice('IPv4', endpoints)], undefined)).toEqual(expected)
})

it('takes one family, so that a pod of both is one member', () => {
  const six = slice('IPv6', [at('fd00::1')])
  expect(addressesIn([six, slice('IPv4', [at('10.0.0.1')])], undefined)).toEqual(['10.0.0.1:8000'])
  expect(addressesIn([six, slice('IPv4', [at('10.0.0.1', { serving: false })])], undefined)).toEqual([
    '[fd00::1]:8000',
  ])
})

it('takes the port of the name, and says so if there is none', () => {
  const ports = [
    { name: 'http', port: 8000 },
    { name: 'grpc', port: 8001 },
  ]
  const slices = [slice('IPv4', [at('10.0.0.1')], ports)]
  expect(addressesIn(slices, 'grpc')).toEqual(['10.0.0.1:8001'])
  expect(() => addressesIn(slices, 'web')).toThrow(
    'port: must be a port of EndpointSlice ratings-x1 (http, grpc), got web',
  )
  expect(() => addressesIn(slices, undefined)).toThrow(
    'port: must be given, since EndpointSlice ratings-x1 does not have one port, but: http, grpc',
  )
})

it('has no members of a service without endpoints', () => {
  expect(addressesIn([{ ...slice('IPv4', []), endpoints: null, ports: null }], 'http')).toEqual([])
})
