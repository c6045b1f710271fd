import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  listenProblem,
  requireDistinctPorts,
  type WantedAddress,
} from '../../../cli/deployment/listenProblem'
import { ListenError } from '../../../gateway/http/listen'

const file = join(mkdtempSync(join(tmpdir(), 'presage-ports-')), 'presage.yaml')
writeFileSync(file, 'server:\n  port: 4000\n  admin:\n    port: 4000\n')

const graph = { listener: 'graph', host: '127.0.0.1', port: 4000, isOption: false } as const
const admin = { listener: 'admin', host: '127.0.0.1', port: 4000, isOption: false } as const
const check = (...wanted: WantedAddress[]) => requireDistinctPorts(wanted, { file })

test('two servers with one port are told with what names them', () => {
  expect(() => check(graph, admin)).toThrow(
    `server.port (${file}:2) and server.admin.port (${file}:4): must be different ports, got 4000 for both`,
  )
  expect(() => check(graph, { ...admin, isOption: true })).toThrow(
    `server.port (${file}:2) and --admin-port: must be different ports, got 4000 for both`,
  )
})

test.each([
  ['0.0.0.0', '127.0.0.1'],
  ['10.0.0.1', '::'],
  ['localhost', '127.0.0.1'],
  ['::1', 'localhost'],
])('%s and %s are one address', (one, other) => {
  expect(() => check({ ...graph, host: one }, { ...admin, host: other })).toThrow('must be different ports')
})

test('other hosts, other ports and any free port are no problem', () => {
  check({ ...graph, host: '10.0.0.1' }, admin)
  check(graph, { ...admin, port: 4001 })
  check({ ...graph, port: 0 }, { ...admin, port: 0 })
})

test('an address of IPv6 is named as others write it', () => {
  const error = new ListenError('graph', { host: '::1', port: 4000 }, {
    code: 'EADDRINUSE',
  } as NodeJS.ErrnoException)
  expect(listenProblem(error, { file })).toMatchObject({
    message: expect.stringMatching(/^\[::1\]:4000 is in use by another process; /),
  })
})
