import type { IncomingMessage } from 'node:http'
import { isLocalClient } from '../../../gateway/admin/localClient'

const isLocal = (remoteAddress: string | undefined, headers: Record<string, string> = {}) =>
  isLocalClient({
    headers: { host: 'localhost:4000', ...headers },
    socket: { remoteAddress },
  } as unknown as IncomingMessage)

it.each(['127.0.0.1', '127.8.9.10', '::1', '::ffff:127.0.0.1'])('%s is this machine', (peer) => {
  expect(isLocal(peer)).toBe(true)
})

it.each(['10.0.0.7', '::ffff:10.0.0.7', 'fd00::2', '', undefined])('%s is not', (peer) => {
  expect(isLocal(peer)).toBe(false)
})

it.each([
  'localhost',
  'LocalHost:80',
  '127.0.0.1:4000',
  '127.1.2.3',
  '[::1]:4000',
  '0.0.0.0:4000',
  '[::]:4000',
])('who asks %s asks this machine', (host) => {
  expect(isLocal('127.0.0.1', { host })).toBe(true)
})

it.each(['graph.example.com', 'localhost.example.com', '10.0.0.7:4000', '127.0.0.1.example.com', ''])(
  'who asks %j asks in another name',
  (host) => {
    expect(isLocal('127.0.0.1', { host })).toBe(false)
  },
)

it.each(['forwarded', 'x-forwarded-for', 'x-forwarded-proto', 'x-real-ip', 'via', 'cf-connecting-ip'])(
  'what comes with %s comes from a proxy, whatever it says',
  (name) => {
    expect(isLocal('127.0.0.1', { [name]: '127.0.0.1' })).toBe(false)
    expect(isLocal('127.0.0.1', { [name]: '' })).toBe(false)
  },
)
